import type { StageStatus } from '../contracts/pipeline.ts';

/** Counts of one stage on one partition since the last commit: thrown away with the task when that fails. */
export class StageCounts {
  recordsIn = 0;
  emitted = 0;
  deadLetters = 0;
  readonly dropped = new Map<string, number>();
  /** Sum and number of the timed samples, microseconds. */
  sampledMicros = 0;
  samples = 0;

  drop(reason: string): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }

  /** Adds these counts to `total` and starts anew. */
  moveTo(total: StageCounts): void {
    total.recordsIn += this.recordsIn;
    total.emitted += this.emitted;
    total.deadLetters += this.deadLetters;
    total.sampledMicros += this.sampledMicros;
    total.samples += this.samples;
    for (const [reason, count] of this.dropped) {
      total.dropped.set(reason, (total.dropped.get(reason) ?? 0) + count);
    }
    this.recordsIn = this.emitted = this.deadLetters = this.sampledMicros = this.samples = 0;
    this.dropped.clear();
  }
}

/** Committed counts of one stage since the topology started, over all its partitions. */
export class StageMetrics extends StageCounts {
  readonly name: string;
  #rate = new RateMeter();

  constructor(name: string) {
    super();
    this.name = name;
  }

  status(nowMs: number): StageStatus {
    return {
      name: this.name,
      recordsIn: this.recordsIn,
      emitted: this.emitted,
      dropped: Object.fromEntries(this.dropped),
      deadLetters: this.deadLetters,
      ratePerSecond: this.#rate.ratePerSecond(this.recordsIn, nowMs),
      microsPerRecord: this.samples === 0 ? 0 : this.sampledMicros / this.samples,
    };
  }
}

/** Turns a growing count into a rate over the last seconds, from the moments at which it is asked. */
export class RateMeter {
  #points: { readonly atMs: number; readonly count: number }[] = [];

  /** Records a second over about the last 5 s; 0 until two moments are known. */
  ratePerSecond(count: number, nowMs: number): number {
    const last = this.#points.at(-1);
    if (last === undefined || nowMs - last.atMs >= 250) this.#points.push({ atMs: nowMs, count });
    while (this.#points.length > 2 && nowMs - (this.#points[1]?.atMs ?? nowMs) >= 5000) this.#points.shift();
    const first = this.#points[0];
    if (first === undefined || nowMs <= first.atMs) return 0;
    return ((count - first.count) * 1000) / (nowMs - first.atMs);
  }
}
