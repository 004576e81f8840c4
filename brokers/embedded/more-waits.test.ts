import { expect, it } from 'vitest';

import { readerOf, sealed } from '../../conformance/batches.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createTempFolder } from '../../tests/support/temp-folder.ts';
import { createEmbeddedLog } from './log.ts';
import { createEmbeddedMessaging } from './messaging.ts';

const clock = createSystemClock();
const topic = {
  name: 'in',
  partitions: 2,
  cleanup: 'delete',
  retentionMs: 2 ** 40,
  retentionBytes: 2 ** 40,
} as const;
const advance = (): Promise<void> => Promise.resolve();

it('says of each batch of the log whether more waits, of any partition', async () => {
  await using folder = await createTempFolder();
  await using log = await createEmbeddedLog({ path: `${folder.path}/log.db`, clock });
  await log.declareTopics([topic]);
  for (const partition of [0, 0, 1]) await log.append('in', partition, sealed('a'));
  const reader = readerOf(await log.source({ group: 'group', topics: ['in'] }), advance);
  const read = [await reader.next(), await reader.next(), await reader.next()];
  expect(read.map((batch) => batch.moreWaits)).toEqual([true, true, false]);
});

it('says of each batch of messages whether more waits', async () => {
  await using folder = await createTempFolder();
  const options = { duplicateWindowMs: 1000, retentionMs: 2 ** 40, retentionBytes: 2 ** 40 };
  await using messaging = await createEmbeddedMessaging({
    path: `${folder.path}/messaging.db`,
    clock,
    options,
  });
  for (const id of ['1', '2']) {
    await messaging.publish(
      sealed({ key: 'a', value: '{}', headers: { ce_id: id, tenant: 'a', eventid: id } }),
    );
  }
  const reader = readerOf(await messaging.consume('relay'), advance);
  const read = [await reader.next(), await reader.next()];
  expect(read.map((batch) => batch.moreWaits)).toEqual([true, false]);
});
