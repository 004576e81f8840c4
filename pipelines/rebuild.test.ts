import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEmbeddedLog } from '../brokers/embedded/log.ts';
import type { Log } from '../brokers/log.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { eventIdOf } from '../contracts/event-id.ts';
import { topics } from '../contracts/topics.ts';
import { createSystemClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import type { Sink } from '../streams/sink.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { rebuildMarks } from './rebuild-marks.ts';
import { rebuildSink, rehearseState } from './rebuild.ts';
import { telemetry } from './telemetry.ts';
import { topicDeclarations } from './topic-declarations.ts';

const clock = createSystemClock();
let resources: AsyncDisposableStack;
let log: Log;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const { path } = resources.use(await createTempFolder());
  log = resources.use(await createEmbeddedLog({ path: `${path}/log.db`, clock }));
  await log.declareTopics(topicDeclarations(2));
});

afterEach(() => resources.disposeAsync());

const deps = () => ({ log, clock, random: createRandom(1) });

async function append(topic: string, partition: number, keys: readonly string[]): Promise<void> {
  const builder = new RecordBatchBuilder();
  for (const key of keys) builder.appendRecord({ key, value: Buffer.alloc(16, 1), timestampMs: 1000 });
  await log.append(topic, partition, builder.finish());
}

/** Keeps the keys that were written, and refuses the first write as a store that is away does. */
function keepingSink(keys: string[], faults = 0): Pick<Sink, 'write'> {
  let left = faults;
  return {
    async write(batches) {
      if (left-- > 0) throw new OpenFrameError('STORE_UNAVAILABLE', 'away', { retryable: true });
      const cursor = new RecordCursor();
      for (const { bytes } of batches) {
        cursor.reset(bytes);
        while (cursor.next()) keys.push(cursor.keyText());
      }
      return [];
    },
  };
}

describe('rebuild', () => {
  it('writes what the topic holds, of every partition, and leaves no consumer group behind', async () => {
    await append(topics.enriched, 0, ['a', 'b']);
    await append(topics.enriched, 0, ['c']);
    await append(topics.enriched, 1, ['d']);
    const keys: string[] = [];
    const progress: number[] = [];
    const report = await rebuildSink(deps(), 'event-log', keepingSink(keys, 2), {
      dryRun: false,
      onProgress: ({ records }) => progress.push(records),
    });
    expect(report).toMatchObject({ target: 'event-log', records: 4, rejected: 0, oldestMs: 1000 });
    expect(keys).toEqual(['a', 'b', 'c', 'd']);
    expect(progress).toEqual([3, 4]);
    expect(await log.lag()).toEqual([]);
  });

  it('says in a dry run how much there is, and writes nothing', async () => {
    await append(topics.enriched, 1, ['a', 'b']);
    const keys: string[] = [];
    const report = await rebuildSink(deps(), 'event-log', keepingSink(keys), { dryRun: true });
    expect(report).toMatchObject({ dryRun: true, records: 2 });
    expect(keys).toEqual([]);
  });

  it('writes the marks anew from the events that passed dedupe', async () => {
    const windows = { windowMs: 60_000, marksRetentionMs: 60_000 };
    const builder = new RecordBatchBuilder();
    for (const id of ['1', '2', '3']) {
      const eventId = eventIdOf('acme', '/agents/d1', id);
      const headers = { tenant: 'acme', eventid: eventId, ingesttime: '1000' };
      builder.appendRecord({ key: 'acme:/agents/d1', value: '{}', timestampMs: 1000, headers });
    }
    await log.append(topics.enriched, 1, builder.finish());
    expect(await rebuildMarks(deps(), windows, { dryRun: true })).toMatchObject({ records: 3 });
    expect(await log.endOffset(topics.marks, 1)).toBe(0);
    const report = await rebuildMarks(deps(), windows, { dryRun: false });
    expect(report).toMatchObject({ target: 'marks', records: 3, dryRun: false });
    const bytes: number[] = [];
    const cursor = new RecordCursor();
    for await (const batch of log.readAll(topics.marks, 1)) {
      cursor.reset(batch);
      while (cursor.next()) bytes.push(cursor.value()?.length ?? 0);
    }
    expect(bytes).toEqual([3 * 16]);
    expect(await log.endOffset(topics.enriched, 1)).toBe(3);
  });

  it('reads the dedupe state as a start does, and finds damage as it would', async () => {
    const topology = telemetry({ windowMs: 60_000, marksRetentionMs: 60_000 });
    await append(topics.marks, 0, ['m', 'n']);
    expect(await rehearseState(deps(), topology, { dryRun: false })).toMatchObject({
      target: 'dedupe',
      records: 2,
    });
    await append(topics.devices, 1, ['not a device']);
    await expect(rehearseState(deps(), topology, { dryRun: false })).rejects.toThrow('not valid JSON');
  });
});
