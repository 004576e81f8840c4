import { Connection, type ConnectionOptions } from '@platformatic/kafka';

import type { KafkaConnectionOptions } from '../client.ts';
import type { Address } from './address.ts';
import { LibraryRawConnection } from './library-raw-connection.ts';
import { type RawConnection, SocketConnection } from './raw-connection.ts';

/** Answers may come this much later than asked: a long fetch, a busy broker. */
const slackMs = 2000;
const maxInflights = 32;

const saslMechanisms = {
  plain: 'PLAIN',
  'scram-sha-256': 'SCRAM-SHA-256',
  'scram-sha-512': 'SCRAM-SHA-512',
} as const;

/** What a pool keeps open. */
interface Poolable {
  isConnected(): boolean;
  close(): Promise<void>;
}

/**
 * Connections by address: opened when first asked for, shared by all who ask, and opened anew after they broke. A
 * broker answers the requests of one connection in turn, so whoever waits long in a request has a pool of its own.
 */
export class Connections<C extends Poolable> {
  readonly #connect: (address: Address) => Promise<C>;
  readonly #open = new Map<string, Promise<C>>();
  #closed = false;

  constructor(connect: (address: Address) => Promise<C>) {
    this.#connect = connect;
  }

  async to(address: Address): Promise<C> {
    const key = `${address.host}:${address.port}`;
    const known = this.#open.get(key);
    if (known !== undefined) {
      const connection = await known;
      if (connection.isConnected()) return connection;
      if (this.#open.get(key) === known) this.#open.delete(key);
      return this.to(address);
    }
    const opening = this.#connectOnce(address);
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

  async #connectOnce(address: Address): Promise<C> {
    const connection = await this.#connect(address);
    if (this.#closed) await connection.close();
    return connection;
  }
}

/** A pool of the library's connections, for its own requests. */
export function libraryConnections(options: KafkaConnectionOptions): Connections<Connection> {
  return new Connections((address) => connect(options, address));
}

/** A pool for requests of our own. Who must sign in does so by the library, on whose connections they then go. */
export function rawConnections(options: KafkaConnectionOptions): Connections<RawConnection> {
  if (options.sasl !== undefined) {
    return new Connections(async (address) => new LibraryRawConnection(await connect(options, address)));
  }
  return new Connections((address) =>
    SocketConnection.open(options, reached(options, address), options.requestTimeoutMs + slackMs),
  );
}

async function connect(options: KafkaConnectionOptions, address: Address): Promise<Connection> {
  const { host, port } = reached(options, address);
  const connection = new Connection(options.clientId, connectionOptions(options));
  // Each request on it fails too, and says so to its caller.
  connection.on('error', () => {});
  await connection.connect(host, port);
  return connection;
}

function reached({ reachedAt }: KafkaConnectionOptions, { host, port }: Address): Address {
  return reachedAt?.(host, port) ?? { host, port };
}

function connectionOptions(options: KafkaConnectionOptions): ConnectionOptions {
  const { requestTimeoutMs, tls, certificate, sasl } = options;
  return {
    connectTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs + slackMs,
    maxInflights,
    ...(tls === true ? { tls: { ...certificate }, tlsServerName: true } : {}),
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
