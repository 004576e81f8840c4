import { createRequire } from 'node:module';

import { messageOf, OpenFrameError } from '../../../contracts/errors.ts';

/** What we use of the raw API of @confluentinc/kafka-javascript, which may be missing when types are checked. */
export interface Librdkafka {
  readonly KafkaConsumer: new (config: Config, topicConfig: Config) => NativeConsumer;
  readonly Producer: new (config: Config, topicConfig: Config) => NativeProducer;
}

export type Config = Readonly<Record<string, unknown>>;
export type Done<T = void> = (error: Error | null | undefined, result: T) => void;

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly offset?: number;
}

/** Headers come as one object each, with one name. */
export interface NativeMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: readonly Readonly<Record<string, Buffer>>[];
}

interface NativeClient {
  connect(options: { readonly timeout?: number }, done: Done<unknown>): void;
  disconnect(done: Done<unknown>): void;
  on(event: string, listener: (...args: never[]) => void): void;
}

export interface NativeConsumer extends NativeClient {
  subscribe(topics: string[]): void;
  unsubscribe(): void;
  setDefaultConsumeTimeout(timeoutMs: number): void;
  setDefaultIsTimeoutOnlyForFirstMessage(only: boolean): void;
  consume(count: number, done: Done<readonly NativeMessage[]>): void;
  seek(place: TopicPartition, timeoutMs: number, done: Done): void;
  pause(places: TopicPartition[]): void;
  resume(places: TopicPartition[]): void;
  incrementalAssign(places: TopicPartition[]): void;
  incrementalUnassign(places: TopicPartition[]): void;
  committed(
    places: TopicPartition[],
    timeoutMs: number,
    done: Done<readonly (TopicPartition & { readonly error?: unknown })[]>,
  ): void;
  commitCb(places: TopicPartition[], done: Done): void;
}

export interface DeliveryReport {
  readonly offset: number;
  readonly opaque: unknown;
}

export interface NativeProducer extends NativeClient {
  produce(
    topic: string,
    partition: number,
    value: Buffer | null,
    key: Buffer | null,
    timestampMs: number,
    opaque: unknown,
    headers: readonly Readonly<Record<string, Buffer>>[],
  ): unknown;
  setPollInBackground(on: boolean): void;
  initTransactions(timeoutMs: number, done: Done): void;
  beginTransaction(done: Done): void;
  commitTransaction(timeoutMs: number, done: Done): void;
  abortTransaction(timeoutMs: number, done: Done): void;
  sendOffsetsToTransaction(
    offsets: TopicPartition[],
    consumer: NativeConsumer,
    timeoutMs: number,
    done: Done,
  ): void;
}

/** Loads the native client. Throws `CONFIGURATION_INVALID` where it was not built for this machine. */
export function loadLibrdkafka(): Librdkafka {
  try {
    return createRequire(import.meta.url)('@confluentinc/kafka-javascript') as Librdkafka;
  } catch (cause) {
    const first = messageOf(cause).split('\n')[0] ?? '';
    const message =
      `The native Kafka client @confluentinc/kafka-javascript cannot be loaded (${first}). It is an optional ` +
      'dependency, and npm leaves it out where its binary cannot be downloaded. Build it with ' +
      '`bash tests/engines/build-native-client.sh`, install it again with `npm ci` where its binary can be had, ' +
      'or set OPENFRAME_KAFKA_CLIENT to kafkajs.';
    throw new OpenFrameError('CONFIGURATION_INVALID', message, { cause });
  }
}

/** A call with a callback as a promise. */
export function called<T = void>(call: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}
