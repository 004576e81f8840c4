import { OpenFrameError } from '../contracts/errors.ts';
import type { Clock } from './clock.ts';
import type { RecordInput } from './record-batch.ts';
import type { StreamRecord } from './record.ts';

/** How a value stands in the changelog. `decode(encode(value))` equals the value. */
export interface StateCodec<T> {
  encode(value: T): string | Uint8Array;
  /** May throw where the bytes are not what `encode` gave. */
  decode(bytes: Uint8Array): T;
}

export interface KeyedStateOptions<T> {
  readonly clock: Clock;
  /** Default: JSON. Give one where the bytes of a value matter. */
  readonly codec?: StateCodec<T>;
}

/**
 * Values by key for one stage on one partition, in memory, kept in a compacted changelog. A stage hands
 * `changes` and `restore` through to its task; the engine writes what changed in the transaction of the
 * outputs it caused, once a batch and key however often it changed.
 */
export interface KeyedState<T> {
  readonly size: number;
  get(key: string): T | undefined;
  /** The value is encoded at the next commit; change it only through another `put`. */
  put(key: string, value: T): void;
  /** Leaves a tombstone in the changelog. */
  delete(key: string): void;
  /** All keys and values, in no order. `put` and `delete` are allowed meanwhile. */
  entries(): IterableIterator<[string, T]>;
  /** One record for each key changed since the last call. */
  changes(): readonly RecordInput[];
  /** Takes one changelog record. Throws `STATE_CORRUPT` where its value cannot be read. */
  restore(record: StreamRecord): void;
}

export function createKeyedState<T>(options: KeyedStateOptions<T>): KeyedState<T> {
  const { clock, codec = jsonCodec<T>() } = options;
  const values = new Map<string, T>();
  const changed = new Set<string>();
  const changeOf = (key: string): RecordInput => {
    const value = values.get(key);
    const encoded = value === undefined ? null : codec.encode(value);
    return { key, value: encoded, timestampMs: clock.nowMs() };
  };
  return {
    get size() {
      return values.size;
    },
    get: (key) => values.get(key),
    put: (key, value) => {
      values.set(key, value);
      changed.add(key);
    },
    delete: (key) => {
      if (values.delete(key)) changed.add(key);
    },
    entries: () => values.entries(),
    changes: () => {
      const records = Array.from(changed, changeOf);
      changed.clear();
      return records;
    },
    restore: ({ key, value }) => {
      if (value === null) values.delete(key);
      else values.set(key, decoded(codec, key, value));
    },
  };
}

function jsonCodec<T>(): StateCodec<T> {
  return {
    encode: (value) => JSON.stringify(value),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString('utf8')) as T,
  };
}

function decoded<T>(codec: StateCodec<T>, key: string, value: Uint8Array): T {
  try {
    return codec.decode(value);
  } catch (cause) {
    throw new OpenFrameError(
      'STATE_CORRUPT',
      `The state of '${key}' cannot be read back from its changelog: it was written by another version, or damaged.`,
      { cause },
    );
  }
}
