import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { readerOf, recordsOf, recordsOfAll, sealed } from '../../conformance/batches.ts';
import { declare } from '../../conformance/log-laws/subject.ts';
import { isRetryable } from '../../contracts/errors.ts';
import { usualCacheDir } from '../../engines/options.ts';
import { startEngines } from '../../engines/start-engines.ts';
import { createSystemClock } from '../../streams/clock.ts';
import type { Batch } from '../../streams/source.ts';
import type { Log } from '../log.ts';
import { kafkaOptions } from './kafka-subject.fixture.ts';
import { createKafkaLog } from './log.ts';
import { createPlatformaticClient } from './platformatic/client.ts';

const inputs = 300;
const killAfter = 100;
const minuteMs = 60_000;

/** Repeats over faults that pass; counts them. Anything else is thrown. */
async function persistently<T>(work: () => Promise<T>, onFault: () => void): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      onFault();
    }
  }
}

async function process(log: Log, batch: Batch): Promise<void> {
  const transaction = log.begin();
  const [value] = recordsOf(batch);
  transaction.append('out', 0, sealed(value ?? ''));
  await transaction.commit(batch.position === undefined ? [] : [batch.position]);
}

it(
  'loses and doubles nothing, and leaves no transaction open, where the broker is killed in the middle',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'openframe-kafka-'));
    await using stack = new AsyncDisposableStack();
    stack.defer(() => rmSync(dataDir, { recursive: true, force: true }));
    const clock = createSystemClock();
    const only = ['kafka'] as const;
    const engines = stack.use(
      await startEngines({ dataDir, cacheDir: usualCacheDir(), clock, only, ports: 'free' }),
    );
    const brokers = engines.addresses.OPENFRAME_KAFKA_BROKERS ?? '';
    const client = await createPlatformaticClient({ ...kafkaOptions(brokers), requestTimeoutMs: 1000 });
    const log = stack.use(await createKafkaLog({ client, clock, instance: 'test' }));
    await log.declareTopics([declare('in', { partitions: 1 }), declare('out', { partitions: 1 })]);
    for (let i = 0; i < inputs; i++) await log.append('in', 0, sealed(String(i)));
    const source = stack.use(await log.source({ group: 'group', topics: ['in'] }));

    let reader = readerOf(source, () => Promise.resolve());
    let faults = 0;
    let restart: Promise<void> | undefined;
    const takeOne = async (): Promise<void> => {
      const batch = await reader.next();
      if (batch.firstOffset === killAfter) {
        restart ??= engines.kill('kafka').then(() => engines.start('kafka'));
      }
      try {
        await process(log, batch);
      } catch (error) {
        await batch.nack(error);
        throw error;
      }
    };
    while ((await doneUpTo(log)) < inputs) {
      await persistently(takeOne, () => {
        faults++;
        reader = readerOf(source, () => Promise.resolve());
      });
    }
    await restart;
    expect(faults).toBeGreaterThan(0);
    const stored = await recordsOfAll(log.readAll('out', 0));
    const values = stored.map((record) => Number(record.split(':').at(-1)));
    expect(values).toEqual([...Array(inputs).keys()]);
  },
  3 * minuteMs,
);

/** The last input whose effect is stored, as this loop sees it: asked of the group only now and then. */
async function doneUpTo(log: Log): Promise<number> {
  const lags = await persistently(
    () => log.lag(),
    () => {},
  );
  return lags[0]?.committedOffset ?? 0;
}
