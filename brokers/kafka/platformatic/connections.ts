import { Connection, type ConnectionOptions } from '@platformatic/kafka';

import type { KafkaConnectionOptions } from '../client.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Answers may come this much later than asked: a long fetch, a busy broker. */
const slackMs = 2000;
const maxInflights = 32;

const saslMechanisms = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const;

/**
 * Connections by address: opened when first asked for, shared by all who ask, and opened anew after they broke. A
 * broker answers the requests of one connection in turn, so whoever waits long in a request has a pool of its own.
 */
export class Connections {
  readonly #options: KafkaConnectionOptions;
  readonly #open = new Map<string, Promise<Connection>>();
  #closed = false;

  constructor(options: KafkaConnectionOptions) {
    this.#options = options;
  }

  async to(address: Address): Promise<Connection> {
    const key = `${address.host}:${address.port}`;
    const known = this.#open.get(key);
    if (known !== undefined) {
      const connection = await known;
      if (connection.isConnected()) return connection;
      if (this.#open.get(key) === known) this.#open.delete(key);
      return this.to(address);
    }
    const opening = this.#connect(address);
    this.#open.set(key, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#open.get(key) === opening) this.#open.delete(key);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(open.map(async (opening) => (await opening).close()));
  }

  async #connect(advertised: Address): Promise<Connection> {
    const { clientId, reachedAt } = this.#options;
    const { host, port } = reachedAt?.(advertised.host, advertised.port) ?? advertised;
    const connection = new Connection(clientId, connectionOptions(this.#options));
    // Each request on it fails too, and says so to its caller.
    connection.on('error', () => {});
    await connection.connect(host, port);
    if (this.#closed) await connection.close();
    return connection;
  }
}

function connectionOptions(options: KafkaConnectionOptions): ConnectionOptions {
  const { requestTimeoutMs, tls, sasl } = options;
  return {
    connectTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs + slackMs,
    maxInflights,
    ...(tls === true ? { tls: {}, tlsServerName: true } : {}),
    ...(sasl === undefined
      ? {}
      : {
          sasl: {
            mechanism: saslMechanisms[sasl.mechanism],
            username: sasl.username,
            password: sasl.password,
          },
        }),
  };
}

/** `host:port`, the host of IPv6 in brackets. */
export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
