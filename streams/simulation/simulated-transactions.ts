import type { MemoryLog, StagedAppend } from '../memory-log.ts';
import type { ConsumedPosition } from '../source.ts';
import type { Transaction, TransactionalLog } from '../transaction.ts';
import type { Life, Scheduler } from './scheduler.ts';
import type { Consumed } from './simulated-source.ts';

export interface SimulatedTransactionsDeps {
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly log: MemoryLog;
  readonly onConsumed: (consumed: Consumed) => void;
}

/** One process's way to the simulated log: each call may come late, fail, or succeed unheard. */
export function createSimulatedTransactions(deps: SimulatedTransactionsDeps): TransactionalLog {
  const { life, scheduler, log } = deps;
  return {
    partitionCount: (topic) => log.partitionCount(topic),
    begin: () => new SimulatedTransaction(deps),
    async *readAll(topic, partition, fromOffset = 0) {
      for (let from = fromOffset; ;) {
        const read = () => log.take(topic, partition, from, 8);
        const taken = await scheduler.request(life, `restore ${topic}/${partition} from ${from}`, read);
        for (const { bytes } of taken) yield bytes;
        const last = taken.at(-1);
        if (last === undefined) return;
        from = last.nextOffset;
      }
    },
  };
}

class SimulatedTransaction implements Transaction {
  readonly #deps: SimulatedTransactionsDeps;
  readonly #staged: StagedAppend[] = [];
  /** The log takes a transaction once, however often its commit arrives. */
  #done = false;

  constructor(deps: SimulatedTransactionsDeps) {
    this.#deps = deps;
  }

  append(topic: string, partition: number, batch: Buffer): void {
    this.#staged.push({ topic, partition, batch });
  }

  commit(consumed: readonly ConsumedPosition[]): Promise<void> {
    const { life, scheduler } = this.#deps;
    const to = consumed.map((p) => ` ${p.group} ${p.topic}/${p.partition} to ${p.nextOffset}`).join('');
    const writes = this.#staged.map(({ topic }) => ` ${topic}`).join('');
    return scheduler.request(life, `commit${to}${writes}`, () => this.#apply(consumed));
  }

  async abort(): Promise<void> {
    this.#staged.length = 0;
  }

  #apply(consumed: readonly ConsumedPosition[]): void {
    if (this.#done) return;
    const { log, onConsumed } = this.#deps;
    const from = consumed.map((p) => log.committedOffset(p.group, p.topic, p.partition));
    log.commit(this.#staged, consumed);
    this.#done = true;
    for (const [i, { group, topic, partition, nextOffset }] of consumed.entries()) {
      onConsumed({ group, topic, partition, from: from[i] ?? 0, to: nextOffset });
    }
  }
}
