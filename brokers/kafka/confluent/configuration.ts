import { getCACertificates } from 'node:tls';

import type { Clock } from '../../../streams/clock.ts';
import type { KafkaConnectionOptions } from '../client.ts';
import type { Config, Librdkafka } from './librdkafka.ts';

/** `reachedAt` is not among them: librdkafka reaches each broker at the address it advertises, and nowhere else. */
export interface ConfluentOptions extends Omit<KafkaConnectionOptions, 'reachedAt'> {
  readonly clock: Clock;
}

export interface ConfluentDeps {
  readonly options: ConfluentOptions;
  readonly library: Librdkafka;
}

/** What every client of librdkafka is told. */
export function connectionConfig({
  brokers,
  clientId,
  tls,
  certificate,
  sasl,
  requestTimeoutMs,
}: ConfluentOptions): Config {
  const protocol = `${sasl === undefined ? '' : 'sasl_'}${tls === true ? 'ssl' : 'plaintext'}`;
  return {
    'bootstrap.servers': brokers.join(','),
    'client.id': clientId,
    'security.protocol': protocol,
    'socket.timeout.ms': Math.max(requestTimeoutMs, 1000),
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 1000,
    log_level: 0,
    // librdkafka would hold certificates against the system's authorities, and not against those that Node trusts.
    ...(tls === true ? { 'ssl.ca.pem': getCACertificates().join('\n') } : {}),
    ...(certificate === undefined
      ? {}
      : { 'ssl.certificate.pem': certificate.cert, 'ssl.key.pem': certificate.key }),
    ...(sasl === undefined
      ? {}
      : {
          'sasl.mechanism': sasl.mechanism.toUpperCase(),
          'sasl.username': sasl.username,
          'sasl.password': sasl.password,
        }),
  };
}

/** What every consumer of ours is told: committed records only, nothing committed but by us. */
export function consumerConfig(options: ConfluentOptions, groupId: string): Config {
  return {
    ...connectionConfig(options),
    'group.id': groupId,
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'enable.partition.eof': true,
    'isolation.level': 'read_committed',
    'fetch.wait.max.ms': 100,
    'fetch.queue.backoff.ms': 10,
    'fetch.message.max.bytes': 2 * 1024 * 1024,
    // How much librdkafka reads ahead of us, in each partition.
    'queued.max.messages.kbytes': 8 * 1024,
  };
}

export const earliest: Config = { 'auto.offset.reset': 'earliest' };
