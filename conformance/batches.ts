import { expect } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import { type RecordInput, RecordBatchBuilder } from '../streams/record-batch.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import type { Batch, Source } from '../streams/source.ts';

/** A sealed batch of records whose key and value are the same text, or of the records given. */
export function sealed(...records: readonly (string | Partial<RecordInput>)[]): Buffer {
  const builder = new RecordBatchBuilder();
  for (const record of records) {
    const parts = typeof record === 'string' ? { key: record, value: record } : record;
    builder.appendRecord({ key: null, value: null, timestampMs: 1_700_000_000_000, ...parts });
  }
  return builder.finish();
}

/** Offset and value of each record from `firstOffset` on, as `offset:value`. */
export function recordsIn(bytes: Uint8Array, firstOffset = 0): string[] {
  const cursor = new RecordCursor();
  const found: string[] = [];
  cursor.reset(bytes);
  while (cursor.next()) {
    if (cursor.offset >= firstOffset) found.push(`${cursor.offset}:${String(cursor.value())}`);
  }
  return found;
}

/** What a batch brings that is new to its reader. */
export function recordsOf(batch: Batch): string[] {
  return recordsIn(batch.bytes, batch.firstOffset);
}

export async function recordsOfAll(batches: AsyncIterable<Buffer>): Promise<string[]> {
  const found: string[] = [];
  for await (const bytes of batches) found.push(...recordsIn(bytes));
  return found;
}

/** One iteration over a source, asked batch by batch. */
export interface Reader {
  /** The next batch; waits for it. */
  next(): Promise<Batch>;
  /** The next batch; null where nothing comes within the reader's wait. */
  nextOrNull(): Promise<Batch | null>;
  /** Checks that nothing comes within the reader's wait. */
  expectNothing(): Promise<void>;
  /** Ends the iteration. */
  end(): Promise<void>;
}

const readerWaitMs = 1000;
const mostWaits = 60;

export function readerOf(source: Source, advance: (ms: number) => Promise<void>, maxRecords = 1): Reader {
  const over = new AbortController();
  const batches = source
    .read({ maxRecords, maxWaitMs: readerWaitMs, signal: over.signal })
    [Symbol.asyncIterator]();
  const nextOrNull = async (): Promise<Batch | null> => {
    let arrived = false;
    const pending = batches.next().finally(() => {
      arrived = true;
    });
    while (!arrived) await advance(readerWaitMs);
    return valueOf(await pending);
  };
  return {
    async next() {
      for (;;) {
        const batch = valueOf(await batches.next());
        if (batch !== null) return batch;
      }
    },
    nextOrNull,
    async expectNothing() {
      expect(await nextOrNull()).toBeNull();
    },
    async end() {
      over.abort();
      await batches.return?.(undefined);
    },
  };
}

function valueOf(result: IteratorResult<Batch | null, unknown>): Batch | null {
  if (result.done === true) throw new Error('The source ended.');
  return result.value;
}

/**
 * Everything that the source has now, acked, until it waits: its records in order of arrival. Until there are `expected`
 * of them it may wait for long, as a server that does much else does.
 */
export async function drain(
  source: Source,
  expected: number,
  advance: (ms: number) => Promise<void>,
): Promise<string[]> {
  const found: string[] = [];
  let waits = 0;
  const over = new AbortController();
  let ended = false;
  const reading = (async () => {
    for await (const batch of source.read({
      maxRecords: 100,
      maxWaitMs: readerWaitMs,
      signal: over.signal,
    })) {
      if (batch === null && found.length < expected && waits++ < mostWaits) continue;
      if (batch === null) return;
      found.push(...recordsOf(batch));
      await batch.ack();
    }
  })().finally(() => {
    ended = true;
  });
  while (!ended) await advance(readerWaitMs);
  await reading;
  return found;
}

/** Checks that the promise is refused with the code, and whether the error says to try again. */
export async function expectRefusal(
  promise: Promise<unknown>,
  code: OpenFrameError['code'],
  retryable = false,
): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(OpenFrameError);
  expect(error).toMatchObject({ code, retryable });
}
