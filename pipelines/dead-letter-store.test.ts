import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEmbeddedLog } from '../brokers/embedded/log.ts';
import type { Log } from '../brokers/log.ts';
import { toolTopics, topics } from '../contracts/topics.ts';
import { rawFormat } from '../enrichers/telemetry-format.ts';
import { createSystemClock } from '../streams/clock.ts';
import { deadLetterRecord } from '../streams/dead-letters.ts';
import { createRandom } from '../streams/random.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import { runTopology } from '../streams/run.ts';
import type { Running } from '../streams/running.ts';
import { emit, type Stage } from '../streams/stage.ts';
import { from, type Topology } from '../streams/topology.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { createDeadLetterStore } from './dead-letter-store.ts';
import { topicDeclarations } from './topic-declarations.ts';

const clock = createSystemClock();
let resources: AsyncDisposableStack;
let log: Log;
let broken: boolean;

/** Fails on every record whose id starts with "bad", until it is mended. */
const fragile: Stage = {
  name: 'fragile',
  reads: ['sourceId'],
  adds: [],
  open: ({ field }) => {
    const id = field('sourceId');
    return {
      process: (record) => {
        if (broken && record.text(id).startsWith('bad')) throw new Error(`cannot digest ${record.text(id)}`);
        return emit;
      },
    };
  },
};

const topology: Topology = from('digest', { topics: [topics.raw], format: rawFormat })
  .through(fragile)
  .to({ topic: topics.enriched, partitionBy: 'same', value: 'as-is' })
  .build();

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  broken = true;
  const folder = resources.use(await createTempFolder());
  log = resources.use(await createEmbeddedLog({ path: `${folder.path}/log.db`, clock }));
  await log.declareTopics(topicDeclarations(1));
});

afterEach(() => resources.disposeAsync());

async function append(ids: readonly string[]): Promise<void> {
  const builder = new RecordBatchBuilder();
  for (const id of ids) {
    builder.appendRecord({
      key: 'acme:/a',
      value: '{}',
      timestampMs: 1000,
      headers: { ce_id: id, tenant: 'acme' },
    });
  }
  await log.append(topics.raw, 0, builder.finish());
}

/** Runs the topology until it has processed everything, or has stopped. */
async function run(): Promise<Running> {
  await using source = await log.source({ group: 'digest', topics: [topics.raw] });
  const running = runTopology(topology, {
    source,
    log,
    deadLetterTopic: topics.deadLetters,
    clock,
    random: createRandom(1),
    stopwatchMs: () => 0,
    deadLetterLimit: { share: 0.5, minRecords: 10 },
  });
  const endOffset = await log.endOffset(topics.raw, 0);
  const done = async (): Promise<boolean> =>
    (await log.lag()).some((lag) => lag.group === 'digest' && lag.committedOffset >= endOffset);
  while (running.status().state !== 'stopped') {
    if (await done()) break;
    await clock.sleep(5);
  }
  await running.stop();
  return running;
}

async function outputIds(): Promise<string[]> {
  const ids: string[] = [];
  const cursor = new RecordCursor();
  for await (const batch of log.readAll(topics.enriched, 0)) {
    cursor.reset(batch);
    while (cursor.next()) ids.push(cursor.headers()['ce_id'] ?? '');
  }
  return ids;
}

describe('dead letters', () => {
  it('hold the failing record alone, and go through once the stage is mended', async () => {
    await append(['1', 'bad-2', '3']);
    await run();
    const store = createDeadLetterStore(log, clock);
    expect(await outputIds()).toEqual(['1', '3']);
    const [letter] = await store.list({}, 10);
    expect(letter).toMatchObject({
      tenantId: 'acme',
      stage: 'fragile',
      error: 'cannot digest bad-2',
      replays: 0,
    });
    expect(await store.reasons({})).toEqual([
      { topology: 'digest', stage: 'fragile', reason: 'STAGE_FAILED', count: 1 },
    ]);

    expect(await store.replay({}, { dryRun: true, maxReplays: 3 })).toEqual({
      replayed: 1,
      refused: 0,
      dryRun: true,
      reasons: [{ topology: 'digest', stage: 'fragile', reason: 'STAGE_FAILED', count: 1 }],
    });
    expect(await store.list({}, 10)).toHaveLength(1);

    broken = false;
    await store.replay({}, { dryRun: false, maxReplays: 3 });
    expect(await store.list({}, 10)).toEqual([]);
    await run();
    expect(await outputIds()).toEqual(['1', '3', 'bad-2']);
  });

  it('come back with a higher count when replayed too early, and are left alone at the limit', async () => {
    await append(['1', '2', 'bad-3']);
    await run();
    const store = createDeadLetterStore(log, clock);
    for (let replays = 1; replays <= 2; replays++) {
      await store.replay({}, { dryRun: false, maxReplays: 2 });
      await append(['ok', 'ok', 'ok']);
      await run();
      expect((await store.list({}, 10)).map((letter) => letter.replays)).toEqual([replays]);
    }
    expect(await store.replay({}, { dryRun: false, maxReplays: 2 })).toMatchObject({
      replayed: 0,
      refused: 1,
    });
  });

  it('go through again no faster than they may', async () => {
    await append(['1', '2', '3', '4', 'bad-5', 'bad-6', 'bad-7']);
    await run();
    let nowMs = 0;
    const pausesMs: number[] = [];
    const slow = createDeadLetterStore(log, {
      nowMs: () => nowMs,
      sleep: async (ms) => {
        pausesMs.push(ms);
        nowMs += ms;
      },
    });
    expect((await slow.replay({}, { dryRun: false, maxReplays: 3, ratePerSecond: 10 })).replayed).toBe(3);
    expect(pausesMs).toEqual([100, 100]);
  });

  it("go back to the tool's topic that they came by", async () => {
    const letters = new RecordBatchBuilder();
    const record = { key: '{"id":1}', eventTimeMs: 1000, headers: {}, value: Buffer.from('{"half') };
    const where = { topology: 'tools', stage: 'decode-tools', partition: 0, offset: 4, atMs: 1000 };
    letters.appendRecord(
      deadLetterRecord(record, { ...where, reason: 'NOT_JSON', topic: toolTopics.fleetActivities }),
    );
    await log.append(topics.deadLetters, 0, letters.finish());
    await createDeadLetterStore(log, clock).replay({ reason: 'NOT_JSON' }, { dryRun: false, maxReplays: 3 });
    expect([await log.endOffset(toolTopics.fleetActivities, 0), await log.endOffset(topics.raw, 0)]).toEqual([
      1, 0,
    ]);
  });

  it('are counted, listed and sent again by who sent them', async () => {
    const letters = new RecordBatchBuilder();
    for (const [offset, sender] of ['evil', 'evil', 'shop', undefined].entries()) {
      const record = { key: '', eventTimeMs: 1000, headers: {}, value: Buffer.from('rubbish') };
      const where = { topology: 'tools', stage: 'decode-tools', partition: 0, offset, atMs: 1000 + offset };
      const why = { ...where, reason: 'NOT_SYSLOG', topic: toolTopics.other };
      letters.appendRecord(deadLetterRecord(record, sender === undefined ? why : { ...why, sender }));
    }
    await log.append(topics.deadLetters, 0, letters.finish());
    const store = createDeadLetterStore(log, clock);
    expect(await store.senders({})).toEqual([
      { topology: 'tools', sender: 'evil', count: 2 },
      { topology: 'tools', sender: 'shop', count: 1 },
    ]);
    const ofShop = createDeadLetterStore(
      log,
      clock,
      async () => (sender) => (sender === 'shop' ? 'acme' : null),
    );
    expect((await ofShop.list({ tenantId: 'acme' }, 10)).map(({ offset }) => offset)).toEqual([2]);
    expect(await store.list({ tenantId: 'acme' }, 10)).toEqual([]);
    expect((await store.list({ sender: 'shop' }, 10)).map(({ offset }) => offset)).toEqual([2]);
    expect(await store.replay({ sender: 'shop' }, { dryRun: false, maxReplays: 3 })).toMatchObject({
      replayed: 1,
    });
    expect(await store.list({}, 10)).toHaveLength(3);
  });

  it('are told apart by tenant, stage and reason', async () => {
    await append(['1', '2', 'bad-3']);
    await run();
    const store = createDeadLetterStore(log, clock);
    expect(await store.list({ tenantId: 'umbrella' }, 10)).toEqual([]);
    expect(await store.list({ stage: 'other' }, 10)).toEqual([]);
    expect(await store.list({ tenantId: 'acme', stage: 'fragile', reason: 'STAGE' }, 10)).toHaveLength(1);
    await expect(store.show('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('beyond the limit stop the topology with nothing committed, which goes on once it is mended', async () => {
    await append(Array.from({ length: 20 }, (_, i) => `bad-${i}`));
    const stopped = await run();
    expect(stopped.status()).toMatchObject({ state: 'stopped' });
    expect(stopped.status().reason).toContain('dead-letters list');
    expect(await createDeadLetterStore(log, clock).list({}, 100)).toEqual([]);
    broken = false;
    await run();
    expect(await outputIds()).toHaveLength(20);
  });
});
