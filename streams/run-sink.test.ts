import { describe, expect, it } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import { recordAt } from './bytes-record.ts';
import { DrivenSource } from './driven-source.ts';
import { MemoryLog, type StagedAppend } from './memory-log.ts';
import { createRandom } from './random.ts';
import { RecordBatchBuilder } from './record-batch.ts';
import { RecordCursor } from './record-cursor.ts';
import { runSink, type RunSinkOptions } from './run-sink.ts';
import type { DeferredDurability, RejectedRecord, SinkBatch } from './sink.ts';
import type { TransactionalLog } from './transaction.ts';

const unavailable = (): OpenFrameError =>
  new OpenFrameError('STORE_UNAVAILABLE', 'The store is away.', { retryable: true });

/** A sink over one partition of a log in memory; `attempt` decides what becomes of each write. */
function createWorld(
  attempt: (texts: readonly string[]) => void = () => {},
  limits: Partial<RunSinkOptions> = {},
  deferred?: DeferredDurability,
) {
  const history: string[] = [];
  const log = new MemoryLog(
    [
      { name: 'in', partitions: 1 },
      { name: 'letters', partitions: 1 },
    ],
    (topic) => void (topic === 'letters' && history.push('letter')),
  );
  const source = new DrivenSource(log, 'sink', ['in']);
  let nowMs = 0;
  const write = async (batches: readonly SinkBatch[]): Promise<RejectedRecord[]> => {
    const records = batches.flatMap(textsOf);
    attempt(records.map(({ text }) => text));
    history.push(`write ${records.map(({ text }) => text).join('')}`);
    return records
      .filter(({ text }) => text === '!')
      .map(({ offset }) => ({ partition: 0, offset, reason: 'BAD' }));
  };
  const sink = {
    name: 'store',
    write,
    ...(deferred === undefined ? {} : { deferred }),
    [Symbol.asyncDispose]: async () => {},
  };
  const running = runSink(sink, {
    source: withHistory(source, history),
    log: transactionsOf(log),
    deadLetterTopic: 'letters',
    clock: { nowMs: () => nowMs, sleep: async (ms) => void (nowMs += ms) },
    random: createRandom(1),
    topics: ['in'],
    ingestTimeHeader: 'ingesttime',
    lingerMs: 0,
    deadLetterLimit: { share: 1, minRecords: 1 },
    ...limits,
  });
  return { log, source, running, history };
}

function withHistory(source: DrivenSource, history: string[]) {
  return {
    name: 'in',
    async *read(options: Parameters<DrivenSource['read']>[0]) {
      for await (const batch of source.read(options)) {
        if (batch === null) yield null;
        else {
          const ack = async (): Promise<void> => {
            await batch.ack();
            history.push('ack');
          };
          yield { ...batch, ack };
        }
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function transactionsOf(log: MemoryLog): TransactionalLog {
  return {
    partitionCount: (topic) => log.partitionCount(topic),
    readAll: () => {
      throw new Error('a sink restores nothing');
    },
    begin: () => {
      const staged: StagedAppend[] = [];
      return {
        append: (topic, partition, batch) => void staged.push({ topic, partition, batch }),
        commit: async (consumed) => log.commit(staged, consumed),
        abort: async () => {},
      };
    },
  };
}

function textsOf(batch: SinkBatch): { text: string; offset: number }[] {
  const cursor = new RecordCursor();
  cursor.reset(batch.bytes);
  const found = [];
  while (cursor.next()) found.push({ text: String(recordAt(cursor).value), offset: cursor.offset });
  return found;
}

async function append({ log, source }: ReturnType<typeof createWorld>, texts: string): Promise<void> {
  const builder = new RecordBatchBuilder();
  for (const text of texts)
    builder.appendRecord({ key: 'k', value: text, timestampMs: 1, headers: { ingesttime: '1' } });
  log.append('in', 0, builder.finish());
  const idle = source.idle();
  source.wake();
  await idle;
}

describe('a sink run', () => {
  it('acks what is written, after it is written', async () => {
    const world = createWorld();
    await append(world, 'ab');
    expect(world.history).toEqual(['write ab', 'ack']);
    expect(world.log.committedOffset('sink', 'in', 0)).toBe(2);
    await world.running.stop();
    expect(world.running.status()).toMatchObject({
      state: 'stopped',
      recordsIn: 2,
      recordsOut: 2,
      deadLetters: 0,
    });
  });

  it('dead-letters rejected records before it acks', async () => {
    const world = createWorld();
    await append(world, 'a!b');
    expect(world.history).toEqual(['write a!b', 'letter', 'ack']);
    expect(world.running.status()).toMatchObject({ recordsIn: 3, recordsOut: 2, deadLetters: 1 });
    await world.running.stop();
  });

  it('gives a batch back while the store is away, and writes it once it is there', async () => {
    let away = 3;
    const world = createWorld(() => {
      if (away-- > 0) throw unavailable();
    });
    await append(world, 'ab');
    await append(world, 'c');
    expect(world.history).toEqual(['write ab', 'ack', 'write c', 'ack']);
    expect(world.running.status().reason).toBeNull();
    await world.running.stop();
  });

  it('does not ack a batch whose partition moved on during the write, and goes on', async () => {
    const world = createWorld((texts) => {
      if (texts.includes('a')) world.log.assign('sink', 'in', 0, 'another');
    });
    await append(world, 'a');
    expect(world.history).toEqual(['write a']);
    expect(world.log.committedOffset('sink', 'in', 0)).toBe(0);
    expect(world.running.status().state).toBe('running');
    await world.running.stop();
  });

  it('does not write a batch whose partition has moved on', async () => {
    const world = createWorld();
    await world.source[Symbol.asyncDispose]();
    await append(world, 'a');
    expect(world.history).toEqual([]);
    await world.running.stop();
  });

  it('stops on a fault that does not pass, with the batch not acked', async () => {
    const world = createWorld(() => {
      throw new Error('no such table');
    });
    const builder = new RecordBatchBuilder();
    builder.appendRecord({ key: 'k', value: 'a', timestampMs: 1 });
    world.log.append('in', 0, builder.finish());
    world.source.wake();
    await world.running.done;
    expect(world.running.status()).toMatchObject({ state: 'stopped', reason: 'no such table' });
    expect(world.log.committedOffset('sink', 'in', 0)).toBe(0);
  });

  it('stops when too many records cannot be stored, with none acked', async () => {
    const world = createWorld(() => {}, { deadLetterLimit: { share: 0.5, minRecords: 2 } });
    const builder = new RecordBatchBuilder();
    for (const value of ['!', '!', 'a']) builder.appendRecord({ key: 'k', value, timestampMs: 1 });
    world.log.append('in', 0, builder.finish());
    world.source.wake();
    await world.running.done;
    expect(world.running.status().reason).toMatch(/2 of its last 3 records/);
    expect(world.history).toEqual(['write !!a']);
  });
});

describe('a sink run whose durability is deferred', () => {
  const pace = { flushPace: { records: 3, maxWaitMs: 1000 } };

  it('acks only after a flush, once enough is written', async () => {
    const flushes: PromiseWithResolvers<void>[] = [];
    const flush = (): Promise<void> => {
      flushes.push(Promise.withResolvers<void>());
      return flushes.at(-1)?.promise ?? Promise.resolve();
    };
    const world = createWorld(() => {}, pace, { flush, losses: () => 0 });
    await append(world, 'ab');
    expect(flushes).toHaveLength(0);
    expect(world.running.status()).toMatchObject({ recordsOut: 2, unflushed: 2 });
    await append(world, 'c');
    await append(world, 'd');
    expect(world.history).toEqual(['write ab', 'write c', 'write d']);
    flushes[0]?.resolve();
    await append(world, 'e');
    expect(world.log.committedOffset('sink', 'in', 0)).toBe(3);
    const stopped = world.running.stop();
    world.source.wake();
    while (flushes.length < 2) await Promise.resolve();
    flushes[1]?.resolve();
    await stopped;
    expect(world.log.committedOffset('sink', 'in', 0)).toBe(5);
  });

  it('acks when it is hurried, however little is written', async () => {
    const world = createWorld(() => {}, pace, { flush: async () => {}, losses: () => 0 });
    await append(world, 'a');
    expect(world.history).toEqual(['write a']);
    world.running.hurry?.();
    await append(world, 'b');
    await world.running.stop();
    expect(world.history).toEqual(['write a', 'write b', 'ack', 'ack']);
  });

  it('writes again what was not durable when a flush fails or the store has lost it', async () => {
    let losses = 0;
    const failures = [unavailable(), undefined, undefined];
    const flush = async (): Promise<void> => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      if (failures.length === 1) losses++;
    };
    const world = createWorld(() => {}, pace, { flush, losses: () => losses });
    await append(world, 'abc');
    await append(world, 'd');
    await append(world, 'e');
    await append(world, 'f');
    await world.running.stop();
    expect(world.log.committedOffset('sink', 'in', 0)).toBe(6);
    expect(world.history.filter((entry) => entry.startsWith('write abc'))).toHaveLength(3);
  });
});
