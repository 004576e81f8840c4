import kafkajs, { type Kafka, type RetryOptions } from 'kafkajs';

import type { Clock } from '../../../streams/clock.ts';
import type { KafkaConnectionOptions } from '../client.ts';
import { kafkajsError } from './faults.ts';
import type { GroupWire } from './newer-requests.ts';
import { upgradingSockets } from './sockets.ts';

export interface KafkajsOptions extends KafkaConnectionOptions {
  readonly clock: Clock;
}

const firstPauseMs = 50;
const longestPauseMs = 1000;

/** Where no group is joined and no offset committed. */
export const strangers: GroupWire = { identityOf: () => undefined, onSync: () => undefined };

/** Repeats what failed for a moment, until the request timeout. `again` judges the error that would be thrown. */
export async function persist<T>(
  { clock, requestTimeoutMs }: KafkajsOptions,
  doing: string,
  work: () => Promise<T>,
  again: (told: unknown, cause: unknown) => boolean,
): Promise<T> {
  const endsAtMs = clock.nowMs() + requestTimeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      const told = kafkajsError(error, doing);
      if (!again(told, error) || clock.nowMs() + pauseMs > endsAtMs) throw told;
    }
    await clock.sleep(pauseMs);
  }
}

/** kafkajs on sockets of ours. */
export function kafkaOf(options: KafkajsOptions, wire: GroupWire): Kafka {
  const { brokers, clientId, tls, certificate, sasl, requestTimeoutMs } = options;
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    ssl: tls === true && certificate !== undefined ? { ...certificate } : tls === true,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs,
    logLevel: kafkajs.logLevel.NOTHING,
    socketFactory: upgradingSockets(wire, options),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  });
}

function saslOf({ mechanism, username, password }: NonNullable<KafkaConnectionOptions['sasl']>) {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password } as const;
    case 'scram-sha-256':
      return { mechanism, username, password } as const;
    case 'scram-sha-512':
      return { mechanism, username, password } as const;
  }
}

/** Pauses that double, for about the request timeout. */
export function retryWithin(timeoutMs: number): RetryOptions {
  const retries = Math.max(3, Math.ceil(timeoutMs / longestPauseMs));
  return { initialRetryTime: firstPauseMs, maxRetryTime: longestPauseMs, retries };
}
