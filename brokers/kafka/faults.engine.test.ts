import { randomUUID } from 'node:crypto';

import { consumerGroupDescribeV0, consumerGroupHeartbeatV1 } from '@platformatic/kafka';
import { afterAll, describe, expect, it } from 'vitest';

import { expectRefusal, readerOf, recordsOf, recordsOfAll, sealed } from '../../conformance/batches.ts';
import { declare } from '../../conformance/log-laws/subject.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import type { Batch } from '../../streams/source.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import type { Log } from '../log.ts';
import { apiKey, type FaultProxy, startFaultProxy } from './fault-proxy.fixture.ts';
import { kafkaOptions, removeAll, uniquePrefix } from './kafka-subject.fixture.ts';
import { createKafkaLog } from './log.ts';
import { createPlatformaticClient } from './platformatic/client.ts';
import { Cluster } from './platformatic/cluster.ts';
import { parseAddress } from './platformatic/address.ts';

const { OPENFRAME_KAFKA_BROKERS: brokers } = engineAddresses();
const prefix = uniquePrefix();
const advance = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const oneIn = declare('in', { partitions: 1 });

afterAll(() => removeAll(brokers, prefix));

/** A log of its own names; behind the proxy, where there is one. */
async function openLog(names: string, proxy?: FaultProxy, instance: string = randomUUID()): Promise<Log> {
  const reachedAt = proxy && (() => ({ host: '127.0.0.1', port: proxy.port }));
  const options = { ...kafkaOptions(brokers), requestTimeoutMs: 2000, ...(reachedAt && { reachedAt }) };
  const client = await createPlatformaticClient(options);
  const log = await createKafkaLog({ client, clock: options.clock, instance, prefix: `${prefix}${names}_` });
  await log.declareTopics([oneIn, declare('out'), declare('state', { cleanup: 'compact' })]);
  return log;
}

function startProxy(): Promise<FaultProxy> {
  const { host, port } = parseAddress(brokers.split(',')[0] ?? '');
  return startFaultProxy(host, port);
}

const positionOf = (batch: Batch) => (batch.position === undefined ? [] : [batch.position]);

/** What the group does to a member that was not heard for its session's time. */
async function expelMembers(group: string): Promise<void> {
  const cluster = new Cluster(kafkaOptions(brokers));
  const connection = await cluster.connect(await cluster.coordinator('group', group));
  const { groups } = await consumerGroupDescribeV0.api.async(connection, [group], false);
  for (const { memberId } of groups.flatMap(({ members }) => members)) {
    const leave = [group, memberId, -1, null, null, -1, null, null, null, null] as const;
    await Reflect.apply(consumerGroupHeartbeatV1.api.async, undefined, [connection, ...leave]);
  }
  await cluster.close();
}

describe('the log on Kafka through faults', () => {
  it('fences a member that slept past its session before it writes anything', async () => {
    await using proxy = await startProxy();
    await using sleeper = await openLog('zombie', proxy);
    await sleeper.append('in', 0, sealed('a'));
    const asleep = await sleeper.source({ group: 'group', topics: ['in'] });
    const old = await readerOf(asleep, advance).next();
    proxy.cutRequests = [apiKey.consumerGroupHeartbeat];
    await expelMembers(`${prefix}zombie_group`);
    await using owner = await openLog('zombie');
    const batch = await readerOf(await owner.source({ group: 'group', topics: ['in'] }), advance).next();
    expect(recordsOf(batch)).toEqual(['0:a']);
    expect(old.revoked.aborted).toBe(false);
    const late = sleeper.begin();
    late.append('out', 0, sealed('twice'));
    await expectRefusal(late.commit(positionOf(old)), 'BATCH_REVOKED');
    await expectRefusal(old.ack(), 'BATCH_REVOKED');
    const transaction = owner.begin();
    transaction.append('out', 0, sealed('once'));
    await transaction.commit(positionOf(batch));
    expect(await recordsOfAll(owner.readAll('out', 0))).toEqual(['0:once']);
  });

  it('joins anew once it is heard again after it was expelled', async () => {
    await using proxy = await startProxy();
    await using log = await openLog('back', proxy);
    await log.append('in', 0, sealed('a'));
    const source = await log.source({ group: 'group', topics: ['in'] });
    const reader = readerOf(source, advance);
    const old = await reader.next();
    await expelMembers(`${prefix}back_group`);
    const again = await reader.next();
    expect([old.revoked.aborted, recordsOf(again)]).toEqual([true, ['0:a']]);
    await again.ack();
  });

  it('commits once where the answer to the commit is lost', async () => {
    await using proxy = await startProxy();
    await using log = await openLog('lost', proxy);
    await log.append('in', 0, sealed('a'));
    const reader = readerOf(await log.source({ group: 'group', topics: ['in'] }), advance);
    const batch = await reader.next();
    proxy.cutAnswers = [apiKey.endTxn];
    const transaction = log.begin();
    transaction.append('out', 0, sealed('A'));
    const committing = transaction.commit(positionOf(batch));
    await expectRefusal(committing, 'STORE_UNAVAILABLE', true);
    proxy.cutAnswers = [];
    await transaction.commit(positionOf(batch));
    expect(await recordsOfAll(log.readAll('out', 0))).toEqual(['0:A']);
    expect((await log.lag()).map((lag) => lag.committedOffset)).toEqual([1]);
  });

  it('leaves out an aborted transaction when state is restored, and leaves none open', async () => {
    await using proxy = await startProxy();
    await using log = await openLog('aborted', proxy);
    proxy.cutRequests = [apiKey.endTxn];
    const cut = log.begin();
    cut.append('out', 0, sealed('cut'));
    cut.append('state', 0, sealed('cut'));
    await expectRefusal(cut.commit([]), 'STORE_UNAVAILABLE', true);
    proxy.cutRequests = [];
    const next = log.begin();
    next.append('out', 0, sealed('next'));
    next.append('state', 0, sealed('next'));
    await next.commit([]);
    await using restarted = await openLog('aborted');
    for (const topic of ['out', 'state']) {
      expect(await recordsOfAll(restarted.readAll(topic, 0))).toEqual(['2:next']);
    }
    const batch = await readerOf(await restarted.source({ group: 'g', topics: ['out'] }), advance).next();
    expect([recordsOf(batch), batch.count]).toEqual([['2:next'], 1]);
  });

  it('is not behind for ever where a transaction has ended with its marker', async () => {
    await using log = await openLog('marker');
    const transaction = log.begin();
    transaction.append('out', 0, sealed('A'));
    await transaction.commit([]);
    expect(await recordsOfAll(log.readAll('out', 0))).toEqual(['0:A']);
    const reader = readerOf(await log.source({ group: 'g', topics: ['out'] }), advance);
    await (await reader.next()).ack();
    expect(await log.lag()).toMatchObject([{ committedOffset: 2, endOffset: 2 }]);
  });

  it('ends at once what the former process of its instance left open', async () => {
    await using proxy = await startProxy();
    const log = await openLog('instance', proxy, 'telemetry-0');
    const first = log.begin();
    first.append('out', 0, sealed('first'));
    await first.commit([]);
    proxy.cutRequests = [apiKey.endTxn, apiKey.initProducerId];
    const cut = log.begin();
    cut.append('out', 0, sealed('cut'));
    await expectRefusal(cut.commit([]), 'STORE_UNAVAILABLE', true);
    await using restarted = await openLog('instance', undefined, 'telemetry-0');
    await restarted.source({ group: 'g', topics: ['in'] });
    const transaction = restarted.begin();
    transaction.append('out', 0, sealed('next'));
    await transaction.commit([]);
    expect(await recordsOfAll(restarted.readAll('out', 0))).toEqual(['0:first', '4:next']);
    await log[Symbol.asyncDispose]();
  });

  it('takes the partitions of the former process of its instance, whose commit is refused from then on', async () => {
    await using log = await openLog('twin', undefined, 'telemetry-1');
    await log.append('in', 0, sealed('a'));
    const old = await readerOf(await log.source({ group: 'g', topics: ['in'] }), advance).next();
    await using restarted = await openLog('twin', undefined, 'telemetry-1');
    const again = await readerOf(await restarted.source({ group: 'g', topics: ['in'] }), advance).next();
    expect(recordsOf(again)).toEqual(recordsOf(old));
    await restarted.begin().commit(positionOf(again));
    // Its transactions are fenced, and once it has begun new ones its member is unknown.
    await expect(log.begin().commit(positionOf(old))).rejects.toThrow(OpenFrameError);
    await expectRefusal(log.begin().commit(positionOf(old)), 'BATCH_REVOKED', false);
    expect(await restarted.lag()).toMatchObject([{ committedOffset: 1, endOffset: 1 }]);
  });

  it('says which topic has how many partitions, where another number was declared', async () => {
    await using log = await openLog('count');
    const other = log.declareTopics([declare('in', { partitions: 6 })]);
    await expect(other).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringContaining(`${prefix}count_in has 1 partitions on the brokers, not 6`) as string,
    });
  });

  it('refuses records that the brokers refuse, and writes on', async () => {
    await using log = await openLog('refused');
    const keyless = sealed({ key: null, value: 'x' });
    await expectRefusal(log.append('state', 0, keyless), 'ARGUMENT_INVALID');
    const transaction = log.begin();
    transaction.append('out', 0, sealed('A'));
    transaction.append('state', 0, keyless);
    await expectRefusal(transaction.commit([]), 'ARGUMENT_INVALID');
    const next = log.begin();
    next.append('state', 0, sealed('B'));
    await next.commit([]);
    const restored = await recordsOfAll(log.readAll('state', 0));
    expect(restored.map((record) => record.split(':')[1])).toEqual(['B']);
    expect(await recordsOfAll(log.readAll('out', 0))).toEqual([]);
  });
});
