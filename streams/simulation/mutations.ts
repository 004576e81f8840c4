import type { Batch, Source } from '../source.ts';
import type { StagedAppend } from '../memory-log.ts';
import type { Transaction, TransactionalLog } from '../transaction.ts';
import { storyTopics } from './story.ts';
import type { MutationContext, Ports } from './world.ts';

/** Breaks the ports of one simulated process on purpose. */
export type Mutation = (ports: Ports, context: MutationContext) => Ports;

const isState = (topic: string): boolean =>
  topic === storyTopics.marks || topic === storyTopics.tally || topic === storyTopics.totals;

/**
 * Ways to get the order of a commit wrong. Each is known to lose or double events; the simulation is worth
 * its seeds only while it finds every one of them.
 */
export const mutations: Readonly<Record<string, Mutation>> = {
  'state before outputs': (ports) => ({
    ...ports,
    log: splitCommits(ports.log, (staged) => [
      staged.filter((s) => isState(s.topic)),
      staged.filter((s) => !isState(s.topic)),
    ]),
  }),

  'marks after outputs': (ports) => ({
    ...ports,
    log: splitCommits(ports.log, (staged) => [
      staged.filter((s) => s.topic !== storyTopics.marks),
      staged.filter((s) => s.topic === storyTopics.marks),
    ]),
  }),

  'outputs and state before offsets': (ports) => ({
    ...ports,
    log: splitCommits(ports.log, (staged) => [staged, []]),
  }),

  'messages acked before they are durable': (ports) => ({
    ...ports,
    messages: mapBatches(ports.messages, (batch) => {
      const acked = batch.ack();
      acked.catch(() => {});
      return batch;
    }),
  }),

  'rows acked before they are durable': (ports) => ({
    ...ports,
    sink: {
      ...ports.sink,
      name: ports.sink.name,
      write: async (batches, signal) => {
        ports.sink.write(batches, signal).catch(() => {});
        return [];
      },
      [Symbol.asyncDispose]: () => ports.sink[Symbol.asyncDispose](),
    },
  }),

  'rows acked before they are flushed': (ports) => {
    const { deferred } = ports.sink;
    if (deferred === undefined) return ports;
    const flush = async (): Promise<void> => void deferred.flush().catch(() => {});
    return { ...ports, sink: { ...ports.sink, deferred: { ...deferred, flush } } };
  },

  'rows acked although the store has lost them': (ports) => {
    const { deferred } = ports.sink;
    if (deferred === undefined) return ports;
    return { ...ports, sink: { ...ports.sink, deferred: { ...deferred, losses: () => 0 } } };
  },

  'offsets committed past a gap': (ports, { log }) => ({
    ...ports,
    raw: mapBatches(ports.raw, (batch) => {
      const { topic, partition, position } = batch;
      const nextOffset = log.endOffset(topic, partition);
      return position === undefined ? batch : { ...batch, position: { ...position, nextOffset } };
    }),
  }),

  'a failed batch is not given back': (ports) => ({
    ...ports,
    raw: mapBatches(ports.raw, (batch) => ({ ...batch, nack: async () => {} })),
  }),

  'a message is acked although its commit failed': (ports) => ({
    ...ports,
    messages: mapBatches(ports.messages, (batch) => ({ ...batch, nack: () => batch.ack() })),
  }),

  'a batch is given back although its commit took effect': (ports, { log }) => ({
    ...ports,
    counting: mapBatches(ports.counting, (batch) => ({
      ...batch,
      nack: async (cause) => {
        if (batch.position !== undefined) {
          log.setCommitted({ ...batch.position, nextOffset: batch.firstOffset });
        }
        await batch.nack(cause);
      },
    })),
  }),

  'a revoked partition may still commit': (ports, { log }) => ({
    ...ports,
    log: {
      ...forwarded(ports.log),
      begin: () => {
        const inner = ports.log.begin();
        return {
          append: (topic, partition, batch) => inner.append(topic, partition, batch),
          abort: () => inner.abort(),
          commit: (consumed) =>
            inner.commit(
              consumed.map((p) => ({
                ...p,
                generation: log.assignment(p.group, p.topic, p.partition)?.generation ?? p.generation,
              })),
            ),
        };
      },
    },
  }),
};

/** Commits in two transactions what belongs in one. The offsets ride in the second, or in the first where that leaves only marks. */
function splitCommits(
  log: TransactionalLog,
  split: (staged: readonly StagedAppend[]) => readonly [readonly StagedAppend[], readonly StagedAppend[]],
): TransactionalLog {
  return {
    ...forwarded(log),
    begin: (): Transaction => {
      const staged: StagedAppend[] = [];
      return {
        append: (topic, partition, batch) => void staged.push({ topic, partition, batch }),
        abort: async () => void staged.splice(0),
        commit: async (consumed) => {
          const [first, second] = split(staged);
          const offsetsFirst = second.every(({ topic }) => topic === storyTopics.marks) && second.length > 0;
          await commitAll(log, first, offsetsFirst ? consumed : []);
          await commitAll(log, second, offsetsFirst ? [] : consumed);
        },
      };
    },
  };
}

async function commitAll(
  log: TransactionalLog,
  staged: readonly StagedAppend[],
  consumed: Parameters<Transaction['commit']>[0],
): Promise<void> {
  if (staged.length + consumed.length === 0) return;
  const transaction = log.begin();
  for (const { topic, partition, batch } of staged) transaction.append(topic, partition, batch);
  await transaction.commit(consumed);
}

function forwarded(log: TransactionalLog): TransactionalLog {
  return {
    begin: () => log.begin(),
    partitionCount: (topic) => log.partitionCount(topic),
    readAll: (topic, partition, fromOffset) => log.readAll(topic, partition, fromOffset),
  };
}

function mapBatches(source: Source, map: (batch: Batch) => Batch): Source {
  return {
    name: source.name,
    async *read(options) {
      for await (const batch of source.read(options)) yield batch === null ? null : map(batch);
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}
