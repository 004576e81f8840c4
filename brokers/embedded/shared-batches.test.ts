import { expect, it } from 'vitest';

import { readerOf, recordsOf, sealed } from '../../conformance/batches.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createTempFolder } from '../../tests/support/temp-folder.ts';
import { createEmbeddedLog } from './log.ts';

const clock = createSystemClock();
const topic = {
  name: 'in',
  partitions: 1,
  cleanup: 'delete',
  retentionMs: 2 ** 40,
  retentionBytes: 2 ** 40,
} as const;
const advance = (): Promise<void> => Promise.resolve();

it('gives readers the very batch that was written or read before, while it fits', async () => {
  await using folder = await createTempFolder();
  await using log = await createEmbeddedLog({ path: `${folder.path}/log.db`, clock, sharedBytes: 1024 });
  await log.declareTopics([topic]);
  await log.append('in', 0, sealed('a'));
  const first = readerOf(await log.source({ group: 'first', topics: ['in'] }), advance);
  const second = readerOf(await log.source({ group: 'second', topics: ['in'] }), advance);
  const [one, other] = [await first.next(), await second.next()];
  expect(other.bytes).toBe(one.bytes);
});

it('gives readers nothing of a transaction that was rolled back', async () => {
  await using folder = await createTempFolder();
  await using log = await createEmbeddedLog({ path: `${folder.path}/log.db`, clock, sharedBytes: 64 * 1024 });
  await log.declareTopics([topic]);
  // They meet in one transaction, which the second one makes fail; the others are then written one by one.
  const written = await Promise.allSettled([
    log.append('in', 0, sealed('a')),
    log.append('in', 0, Buffer.from('no batch')),
    log.append('in', 0, sealed('b')),
  ]);
  expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const reader = readerOf(await log.source({ group: 'group', topics: ['in'] }), advance);
  const read = [await reader.next(), await reader.next()];
  expect(read.flatMap(recordsOf)).toEqual(['0:a', '1:b']);
});
