import type { LetterCounts } from './dead-letter-guard.ts';
import { type DeadLetterCause, deadLetterRecord, replaysOf } from './dead-letters.ts';
import { LetterWriter } from './letter-writer.ts';
import type { RecordView, StreamRecord } from './record.ts';
import { SealedBatches } from './sealed-batches.ts';
import type { Transaction } from './transaction.ts';

const longestSender = 100;

/** The dead letters of one partition that wait for the next commit, and who sent what since the last. */
export class LetterBox {
  /** Records and dead letters by who sent them, where stages say so. */
  readonly senders = new Map<string, LetterCounts>();
  readonly #letters = new SealedBatches(4096);
  readonly #writer = new LetterWriter();
  #sender: string | undefined;
  #news = 0;
  #newsBefore = 0;

  /** Dead letters that wait for `moveTo`. */
  get count(): number {
    return this.#letters.count;
  }

  /** Those of them that are none of a replay: that a record fails once more says nothing new. */
  get news(): number {
    return this.#news;
  }

  /** Who sent the record at hand: a name that is kept no longer than `longestSender`. */
  sentBy(sender: string): void {
    this.#sender = sender.slice(0, longestSender).toWellFormed();
  }

  /** The record at hand, as it came in. */
  bury(record: RecordView, why: Omit<DeadLetterCause, 'sender'>): void {
    if (this.#writer.append(this.#letters, record, this.#withSender(why)) === 0) this.#news++;
  }

  /** A record that a stage derived from it: no bytes of it came in. */
  buryDerived(record: StreamRecord, why: Omit<DeadLetterCause, 'sender'>): void {
    this.#letters.appendRecord(deadLetterRecord(record, this.#withSender(why)));
    if (replaysOf(record.headers) === 0) this.#news++;
  }

  /** Called once a record, with what stages derived from it, has passed. */
  passed(): void {
    const isLost = this.#news > this.#newsBefore;
    this.#newsBefore = this.#news;
    if (this.#sender === undefined) return;
    const { records, letters } = this.senders.get(this.#sender) ?? { records: 0, letters: 0 };
    this.senders.set(this.#sender, { records: records + 1, letters: letters + (isLost ? 1 : 0) });
    this.#sender = undefined;
  }

  moveTo(transaction: Transaction, topic: string, partition: number): void {
    for (const batch of this.#letters.take()) transaction.append(topic, partition, batch, true);
    this.#news = this.#newsBefore = 0;
  }

  /** Called once they are committed. */
  settle(): void {
    this.senders.clear();
  }

  #withSender(why: Omit<DeadLetterCause, 'sender'>): DeadLetterCause {
    return this.#sender === undefined ? why : { ...why, sender: this.#sender };
  }
}
