import { topics } from '../contracts/topics.ts';
import type { Clock } from '../streams/clock.ts';
import { PartitionTask } from '../streams/partition-task.ts';
import { createRandom } from '../streams/random.ts';
import { recordCount } from '../streams/record-batch.ts';
import type { Batch } from '../streams/source.ts';
import { StageMetrics } from '../streams/stage-metrics.ts';
import type { Topology } from '../streams/topology.ts';
import type { Transaction } from '../streams/transaction.ts';

/** As the stream does, where a watermark is told after each batch. */
const outOfOrderMs = 10_000;

export interface TopologyPassOptions {
  readonly partitions: number;
  readonly partition: number;
  /** The time in which the batches pass, in the caller's hands. */
  readonly nowMs: () => number;
}

/** One partition of a topology in memory: the engine's own code and the stages' own state, and no log. */
export interface TopologyPass {
  /**
   * Runs a batch of records through the stages and tells them the watermark of `timeMs`, the batch's newest time.
   * Answers the batches that the topology writes to its output. What it writes to changelogs and dead letters is gone.
   */
  pass(bytes: Buffer, timeMs: number): Promise<readonly Buffer[]>;
  /** Dead letters so far. */
  deadLetters(): number;
}

export function createTopologyPass(topology: Topology, options: TopologyPassOptions): TopologyPass {
  const { partitions, partition, nowMs } = options;
  const clock: Clock = { nowMs, sleep: () => Promise.resolve() };
  const [from = ''] = topology.source.topics;
  const to = topology.output.topic;
  let deadLetters = 0;
  const task = new PartitionTask({
    topology,
    partition,
    log: { begin: () => transactionTo(() => {}), partitionCount: () => partitions, readAll: nothing },
    deadLetterTopic: topics.deadLetters,
    clock,
    random: createRandom(1),
    metrics: topology.stages.map((stage) => new StageMetrics(stage.name)),
    stopwatchMs: () => 0,
    recordsAs: 'bytes',
    compress: false,
  });
  return {
    async pass(bytes, timeMs) {
      const written: Buffer[] = [];
      const count = recordCount(bytes);
      await task.process({
        topic: from,
        partition: 0,
        bytes,
        count,
        firstOffset: 0,
        nextOffset: count,
        ...ends,
      });
      task.advanceWatermark(timeMs - outOfOrderMs);
      deadLetters += task.letters.count;
      task.moveTo(transactionTo((topic, batch) => void (topic === to && written.push(batch))));
      task.settle();
      return written;
    },
    deadLetters: () => deadLetters,
  };
}

const ends: Pick<Batch, 'ack' | 'nack' | 'revoked'> = {
  ack: () => Promise.resolve(),
  nack: () => Promise.resolve(),
  revoked: new AbortController().signal,
};

function transactionTo(append: (topic: string, batch: Buffer) => void): Transaction {
  return {
    append: (topic, _partition, batch) => append(topic, batch),
    commit: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
}

async function* nothing(): AsyncGenerator<Buffer> {}
