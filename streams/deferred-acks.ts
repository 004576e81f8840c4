import { OpenFrameError } from '../contracts/errors.ts';
import type { Batch } from './source.ts';
import type { DeferredDurability } from './sink.ts';

/** When written batches are flushed. */
export interface FlushPace {
  /** So many records are worth a flush. */
  readonly records: number;
  /** Fewer are flushed when the oldest has waited so long: a restart repeats no more than that. */
  readonly maxWaitMs: number;
}

const noBytes = Buffer.alloc(0);

/**
 * Batches that a sink has written and not yet made durable: acked, oldest first, once a flush that began after
 * their write has. One flush is under way at a time, and writing goes on beside it.
 */
export class DeferredAcks {
  readonly #durability: DeferredDurability;
  readonly #pace: FlushPace;
  readonly #ack: (batches: readonly Batch[]) => Promise<void>;
  #written: Batch[] = [];
  #records = 0;
  #sinceMs = 0;
  #losses = 0;
  #flushing: readonly Batch[] = [];
  #flush: Promise<void> | undefined;
  #fault: { readonly error: unknown } | undefined;

  /** `ack` acks batches whose records are durable; it takes care of revoked ones. */
  constructor(
    durability: DeferredDurability,
    pace: FlushPace,
    ack: (batches: readonly Batch[]) => Promise<void>,
  ) {
    this.#durability = durability;
    this.#pace = pace;
    this.#ack = ack;
  }

  /** Records that are written and not acked. */
  get records(): number {
    return this.#records + countOf(this.#flushing);
  }

  /** Called before each write: what is lost from now on concerns it. */
  beforeWrite(nowMs: number): void {
    if (this.#written.length > 0) return;
    this.#losses = this.#durability.losses();
    this.#sinceMs = nowMs;
  }

  add(batches: readonly Batch[]): void {
    // Without their bytes, which may be many and are not needed any more.
    for (const batch of batches) this.#written.push({ ...batch, bytes: noBytes });
    this.#records += countOf(batches);
  }

  /**
   * Begins a flush where one is due, or with `now` where anything waits. Waits only while much more is written
   * than flushes keep up with. Throws what a flush met since the last call: see `takeBack`.
   */
  async settle(nowMs: number, now = false): Promise<void> {
    const isDue = this.#records >= this.#pace.records || nowMs - this.#sinceMs >= this.#pace.maxWaitMs;
    if (this.#flush !== undefined && this.#records >= this.#pace.records * 4) await this.#flush;
    if (this.#fault === undefined && this.#flush === undefined && this.#records > 0 && (isDue || now)) {
      this.#flush = this.#flushWritten();
    }
    this.#throwFault();
  }

  /** Flushes and acks all of it. Throws like `settle`. */
  async settleAll(): Promise<void> {
    await this.#flush;
    this.#throwFault();
    if (this.#records > 0) await this.#flushWritten();
    this.#throwFault();
  }

  /** Forgets the batches that are not acked and gives them, oldest first: they are to be nacked. */
  takeBack(): readonly Batch[] {
    const batches = [...this.#flushing, ...this.#written];
    this.#flushing = [];
    this.#written = [];
    this.#records = 0;
    return batches;
  }

  async #flushWritten(): Promise<void> {
    const losses = this.#losses;
    this.#flushing = this.#written;
    this.#written = [];
    this.#records = 0;
    try {
      await this.#durability.flush();
      if (this.#durability.losses() !== losses) throw lost();
      await this.#ack(this.#flushing);
      this.#flushing = [];
    } catch (error) {
      this.#fault = { error };
    } finally {
      this.#flush = undefined;
    }
  }

  #throwFault(): void {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault.error;
  }
}

function countOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + batch.count, 0);
}

function lost(): OpenFrameError {
  return new OpenFrameError(
    'STORE_UNAVAILABLE',
    'The store met a fault and was opened anew without what was not yet durable: that is written again.',
    { retryable: true },
  );
}
