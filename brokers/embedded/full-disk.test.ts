import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { expectRefusal, recordsOfAll, sealed } from '../../conformance/batches.ts';
import { headers } from '../../contracts/topics.ts';
import { createManualClock } from '../../streams/clock.ts';
import { createEmbeddedLog } from './log.ts';
import { createEmbeddedMessaging } from './messaging.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openframe-full-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock = createManualClock(1_700_000_000_000);
const maxFileBytes = 1024 * 1024;
const large = Buffer.alloc(100 * 1024, 'x');

function topic(retentionBytes: number) {
  return { name: 'in', partitions: 2, cleanup: 'delete', retentionMs: 2 ** 40, retentionBytes } as const;
}

it('refuses what the disk has no room for, keeps all before it, and goes on once there is room', async () => {
  await using log = await createEmbeddedLog({ path: join(folder, 'log.db'), clock, maxFileBytes });
  await log.declareTopics([topic(2 ** 40)]);
  let stored = 0;
  const fill = async (): Promise<void> => {
    for (; stored < 100; stored++) await log.append('in', 0, sealed({ value: large }));
  };
  await expectRefusal(fill(), 'STORE_UNAVAILABLE', true);
  expect(stored).toBeGreaterThan(3);

  const transaction = log.begin();
  transaction.append('in', 1, sealed('small'));
  transaction.append('in', 0, sealed({ value: Buffer.concat([large, large, large]) }));
  await expectRefusal(transaction.commit([]), 'STORE_UNAVAILABLE', true);
  expect([await log.endOffset('in', 0), await log.endOffset('in', 1)]).toEqual([stored, 0]);

  await log.declareTopics([topic(large.length * 2)]);
  await log.applyRetention();
  await transaction.commit([]);
  expect(await recordsOfAll(log.readAll('in', 1))).toEqual(['0:small']);
  expect(await log.endOffset('in', 0)).toBe(stored + 1);
});

it('refuses a publish that the disk has no room for, and stores it later, not as a duplicate', async () => {
  const options = { duplicateWindowMs: 1000, retentionMs: 2 ** 40, retentionBytes: 2 ** 40 };
  const path = join(folder, 'messaging.db');
  const record = (id: string, value: Uint8Array) => sealed({ value, headers: { [headers.eventId]: id } });
  const noise = (seed: number): Buffer => {
    const value = Buffer.alloc(large.length);
    for (let i = 0, state = seed + 1; i < value.length; i++) {
      state = Math.imul(state, 1_664_525) + 1_013_904_223;
      value[i] = state >>> 24;
    }
    return value;
  };
  let stored = 0;
  {
    await using messaging = await createEmbeddedMessaging({ path, clock, options, maxFileBytes });
    const fill = async (): Promise<void> => {
      for (; stored < 100; stored++) await messaging.publish(record(`m${stored}`, noise(stored)));
    };
    await expectRefusal(fill(), 'NOT_DURABLE_NOW', true);
    await expectRefusal(messaging.publish(record(`m${stored}`, noise(stored))), 'NOT_DURABLE_NOW', true);
  }
  await using messaging = await createEmbeddedMessaging({ path, clock, options });
  expect(await messaging.publish(record('m0', noise(0)))).toEqual({ stored: 0, duplicates: 1 });
  const again = record(`m${stored}`, noise(stored));
  expect(await messaging.publish(again)).toEqual({ stored: 1, duplicates: 0 });
  expect(await recordsOfAll(messaging.readAll())).toHaveLength(stored + 1);
});

it('names the file of a newer version', async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const path = join(folder, 'log.db');
  const newer = new DatabaseSync(path);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  await expectRefusal(createEmbeddedLog({ path, clock }), 'DATA_FOLDER_TOO_NEW');
});
