import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { readerOf, recordsIn, sealed } from '../../conformance/batches.ts';
import { headers } from '../../contracts/topics.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createEmbeddedLog } from './log.ts';
import { createEmbeddedMessaging } from './messaging.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openframe-threads-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock = createSystemClock();
const count = 400;
const options = { duplicateWindowMs: 60_000, retentionMs: 2 ** 40, retentionBytes: 2 ** 40 };
const topic = { name: 'in', partitions: 2, cleanup: 'delete', retentionMs: 2 ** 40, retentionBytes: 2 ** 40 };

/** Runs a module's text in a thread of its own; resolves to the message that it posts at its end. */
async function inThread(body: string, data: unknown): Promise<unknown> {
  const here = JSON.stringify(import.meta.url);
  const source = `const load = (name) => import(new URL(name, ${here}));
    const { workerData, parentPort } = await import('node:worker_threads');
    const { createSystemClock } = await load('../../streams/clock.ts');
    const clock = createSystemClock();
    ${body}`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const worker = new Worker(url, { workerData: data, execArgv: [] });
  const answers: unknown[] = [];
  worker.on('message', (answer) => answers.push(answer));
  await once(worker, 'exit');
  return answers[0];
}

it('gives a consumer in another thread every message that this one publishes, once', async () => {
  const path = join(folder, 'messaging.db');
  await using messaging = await createEmbeddedMessaging({ path, clock, options });
  const consuming = inThread(
    `const { createEmbeddedMessaging } = await load('./messaging.ts');
     const messaging = await createEmbeddedMessaging({ path: workerData.path, clock, options: workerData.options });
     const source = await messaging.consume('relay');
     const seen = [];
     const signal = new AbortController().signal;
     for await (const batch of source.read({ maxRecords: 10, maxWaitMs: 1000, signal })) {
       if (batch === null) continue;
       for (let i = batch.firstOffset; i < batch.nextOffset; i++) seen.push(i);
       await batch.ack();
       if (seen.length >= workerData.count) break;
     }
     await messaging[Symbol.asyncDispose]();
     parentPort.postMessage(seen);`,
    { path, options, count },
  );
  for (let i = 0; i < count; i += 4) {
    const record = (n: number) => ({ value: String(n), headers: { [headers.eventId]: `id ${n}` } });
    await messaging.publish(sealed(record(i), record(i + 1), record(i + 2), record(i + 3), record(i)));
  }
  expect(await consuming).toEqual(Array.from({ length: count }, (_, i) => i));
  expect((await messaging.status()).consumers).toEqual({ relay: count });
});

it('lets two threads append to one partition: none is lost, and none shares an offset', async () => {
  const path = join(folder, 'log.db');
  await using log = await createEmbeddedLog({ path, clock });
  await log.declareTopics([{ ...topic, cleanup: 'delete' }]);
  const first = sealed('theirs');
  const appending = inThread(
    `const { createEmbeddedLog } = await load('./log.ts');
     const log = await createEmbeddedLog({ path: workerData.path, clock });
     const offsets = [];
     for (let i = 0; i < workerData.count; i++) {
       offsets.push(await log.append('in', 0, Buffer.from(workerData.batch)));
     }
     await log[Symbol.asyncDispose]();
     parentPort.postMessage(offsets);`,
    { path, count: count / 4, batch: first },
  );
  const ours: number[] = [];
  for (let i = 0; i < count / 4; i++) ours.push(await log.append('in', 0, sealed('ours')));
  const theirs = (await appending) as number[];
  const records: string[] = [];
  for await (const batch of log.readAll('in', 0)) records.push(...recordsIn(batch));
  expect(records).toHaveLength(count / 2);
  expect(ours.every((offset) => records[offset] === `${offset}:ours`)).toBe(true);
  expect(theirs.every((offset) => records[offset] === `${offset}:theirs`)).toBe(true);
});

it('lets the newest log object with a source of a group take it over', async () => {
  const path = join(folder, 'log.db');
  await using old = await createEmbeddedLog({ path, clock });
  await old.declareTopics([{ ...topic, cleanup: 'delete' }]);
  await old.append('in', 0, sealed('a'));
  const before = await old.source({ group: 'group', topics: ['in'] });
  const held = await readerOf(before, clock.sleep).next();
  await using young = await createEmbeddedLog({ path, clock });
  const after = await young.source({ group: 'group', topics: ['in'] });
  await expect(held.ack()).rejects.toMatchObject({ code: 'BATCH_REVOKED' });
  expect(held.revoked.aborted).toBe(true);
  const again = await readerOf(after, clock.sleep).next();
  expect(again.bytes).toEqual(held.bytes);
  await again.ack();
  expect((await old.lag()).map((lag) => lag.committedOffset)).toEqual([1]);
});
