import type { ByteWriter } from './byte-writer.ts';
import { RecordBatchBuilder, type RecordInput } from './record-batch.ts';
import type { ByteRange } from './record.ts';

/** A sealed batch is kept well under Kafka's default `max.message.bytes` of 1 MiB. */
const maxBatchBytes = 900_000;

/** Builds as many record batches as it takes to keep each under the size that a log accepts. */
export class SealedBatches {
  readonly #builder: RecordBatchBuilder;
  #sealed: Buffer[] = [];
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

  /** Everything appended since the last call, in order. */
  take(): Buffer[] {
    if (this.#builder.count > 0) this.#seal();
    const taken = this.#sealed;
    this.#sealed = [];
    this.#taken = this.#compress ? [] : taken;
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
    this.#sealed.push(this.#builder.finish({ compress: this.#compress }));
  }
}
