import { ByteWriter } from '../../streams/byte-writer.ts';
import { writeHeader } from '../../streams/encoded-headers.ts';
import { RecordBatchBuilder, setBaseOffset } from '../../streams/record-batch.ts';

/** A record's headers as clients hand them out: in order, names may repeat. */
export type ClientHeader = readonly [name: string, value: Uint8Array | string | null];

/** A record as clients hand it out. */
export interface ClientRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly ClientHeader[];
}

/** A batch that was put together again, and the offset after its last record. */
export interface AssembledBatch {
  readonly batch: Buffer;
  readonly endOffset: number;
}

const batchBytes = 900_000;
const noHeaders = Uint8Array.of(0);

/** Puts records that a client took out of their batches into batches again, at their offsets. */
export class BatchAssembler {
  readonly #builder = new RecordBatchBuilder();
  readonly #headers = new ByteWriter(1024);
  #firstOffset = 0;
  #nextOffset = 0;
  #done: AssembledBatch[] = [];

  add(record: ClientRecord): void {
    const builder = this.#builder;
    if (builder.count === 0) this.#firstOffset = record.offset;
    builder.skipTo(record.offset - this.#firstOffset);
    builder.append(record.timestampMs, record.key, record.value, this.#encode(record.headers));
    this.#nextOffset = record.offset + 1;
    if (builder.sizeBytes > batchBytes) this.seal();
  }

  /** The next record begins a new batch. */
  seal(): void {
    if (this.#builder.count === 0) return;
    const batch = this.#builder.finish();
    setBaseOffset(batch, this.#firstOffset);
    this.#done.push({ batch, endOffset: this.#nextOffset });
  }

  /** Everything added since the last call. */
  take(): readonly AssembledBatch[] {
    this.seal();
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #encode(headers: readonly ClientHeader[]): Uint8Array {
    if (headers.length === 0) return noHeaders;
    const writer = this.#headers;
    writer.length = 0;
    writer.varint(headers.length);
    for (const [name, value] of headers) {
      if (value !== null) {
        writeHeader(writer, name, value);
        continue;
      }
      writer.varint(name.length);
      writer.latin1(name);
      writer.varint(-1);
    }
    return writer.written();
  }
}
