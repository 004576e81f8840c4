import type { ByteWriter } from './byte-writer.ts';
import { unnumbered } from './plain-batch.ts';
import { compressBatch, RecordBatchBuilder, recordCount, type RecordInput } from './record-batch.ts';
import type { ByteRange } from './record.ts';

/** A sealed batch is kept well under Kafka's default `max.message.bytes` of 1 MiB. */
export const maxBatchBytes = 900_000;

/** Builds as many record batches as it takes to keep each under the size that a log accepts. */
export class SealedBatches {
  readonly #builder: RecordBatchBuilder;
  #sealed: Buffer[] = [];
  /** Those among them that lie in the builder's own memory. */
  #lent: Buffer[] = [];
  #taken: readonly Buffer[] = [];
  /** Records appended since the last `take`. */
  count = 0;

  readonly #compress: boolean;

  constructor(initialBytes: number, compress = true) {
    this.#compress = compress;
    this.#builder = new RecordBatchBuilder(initialBytes);
  }

  /** See `RecordBatchBuilder.beginRecord`, whose calls these are. */
  beginRecord(timestampMs: number, key: ByteRange | null): ByteWriter {
    return this.#builder.beginRecord(timestampMs, key);
  }

  endValue(): void {
    this.#builder.endValue();
  }

  noValue(): void {
    this.#builder.noValue();
  }

  endRecord(): void {
    this.#builder.endRecord();
    this.#appended();
  }

  appendRecord(record: RecordInput): void {
    this.#builder.appendRecord(record);
    this.#appended();
  }

  /** Appends a copy of a sealed batch, unread. */
  appendBatch(batch: Buffer): void {
    if (this.#builder.count > 0) this.#seal();
    const copy = unnumbered(batch);
    this.#sealed.push(this.#compress ? compressBatch(copy) : copy);
    this.count += recordCount(batch);
  }

  /** Everything appended since the last call, in order. */
  take(): Buffer[] {
    if (this.#builder.count > 0) this.#seal();
    const taken = this.#sealed;
    this.#sealed = [];
    this.#taken = this.#lent;
    this.#lent = [];
    this.count = 0;
    return taken;
  }

  /** What was taken has been committed: its memory is used again. */
  reuseTaken(): void {
    for (const batch of this.#taken) this.#builder.reuse(batch);
    this.#taken = [];
  }

  #appended(): void {
    this.count++;
    if (this.#builder.sizeBytes > maxBatchBytes) this.#seal();
  }

  #seal(): void {
    const batch = this.#builder.finish({ compress: this.#compress });
    this.#sealed.push(batch);
    if (!this.#compress) this.#lent.push(batch);
  }
}
