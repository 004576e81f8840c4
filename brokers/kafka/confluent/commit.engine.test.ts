import { expect, it } from 'vitest';

import { readerOf, recordsOfAll, sealed } from '../../../conformance/batches.ts';
import { openWith } from '../../../conformance/log-laws/subject.ts';
import { engineAddresses } from '../../../tests/engines/engine-addresses.ts';
import { createKafkaSubject } from '../kafka-subject.fixture.ts';
import { createConfluentClient } from './client.ts';

const { OPENFRAME_KAFKA_BROKERS: brokers } = engineAddresses();

it('commits outputs and consumed offsets together, for records that come one by one', async () => {
  await using subject = await createKafkaSubject(brokers, createConfluentClient);
  const log = await openWith(subject);
  await log.append('in', 0, sealed('a', 'b'));
  const source = await log.source({ group: 'group', topics: ['in'] });
  const reader = readerOf(source, subject.advance);
  const [a, b] = [await reader.next(), await reader.next()];
  for (const [batch, value] of [
    [a, 'A'],
    [b, 'B'],
  ] as const) {
    const transaction = log.begin();
    transaction.append('out', 0, sealed(value));
    transaction.append('out', 2, sealed(value));
    await transaction.commit(batch.position === undefined ? [] : [batch.position]);
  }
  await reader.end();
  const restarted = await subject.open();
  expect((await recordsOfAll(restarted.readAll('out', 0))).map((record) => record.slice(-1))).toEqual([
    'A',
    'B',
  ]);
  expect((await recordsOfAll(restarted.readAll('out', 2))).map((record) => record.slice(-1))).toEqual([
    'A',
    'B',
  ]);
  const [lag] = await restarted.lag();
  expect(lag).toMatchObject({ topic: 'in', partition: 0, committedOffset: 2, endOffset: 2 });
});
