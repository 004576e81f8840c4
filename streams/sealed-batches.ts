import { RecordBatchBuilder, type RecordInput } from './record-batch.ts';

/** A sealed batch is kept well under Kafka's default `max.message.bytes` of 1 MiB. */
const maxBatchBytes = 900_000;

/** Builds as many record batches as it takes to keep each under the size that a log accepts. */
export class SealedBatches {
  readonly #builder: RecordBatchBuilder;
  #sealed: Buffer[] = [];
  /** Records appended since the last `take`. */
  count = 0;

  constructor(initialBytes: number) {
    this.#builder = new RecordBatchBuilder(initialBytes);
  }

  append(timestampMs: number, key: Uint8Array | null, value: Uint8Array | null, headers: Uint8Array): void {
    this.#builder.append(timestampMs, key, value, headers);
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
    this.count = 0;
    return taken;
  }

  #appended(): void {
    this.count++;
    if (this.#builder.sizeBytes > maxBatchBytes) this.#seal();
  }

  #seal(): void {
    this.#sealed.push(this.#builder.finish({ compress: true }));
  }
}
