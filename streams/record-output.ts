import { ByteWriter } from './byte-writer.ts';
import { encodeHeaders, RecordBatchBuilder } from './record-batch.ts';
import type { Field, FieldTable, RecordView } from './record.ts';
import { partitionOf } from './partitioner.ts';
import type { OutputDefinition } from './topology.ts';
import type { Transaction } from './transaction.ts';

interface Member {
  /** `"name":`, with a comma before all but the first. */
  readonly prefix: Uint8Array;
  readonly field: Field;
}

const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;
/** A sealed batch is kept well under Kafka's default `max.message.bytes` of 1 MiB. */
const maxBatchBytes = 900_000;

/** Encodes what a topology emits into record batches by output partition. */
export class RecordOutput {
  readonly #definition: OutputDefinition;
  readonly #partitions: number;
  readonly #members: readonly Member[] | null;
  readonly #headerFields: readonly (readonly [string, Field])[];
  readonly #value = new ByteWriter(4096);
  readonly #builders = new Map<number, RecordBatchBuilder>();
  #sealed: { readonly partition: number; readonly batch: Buffer }[] = [];
  count = 0;

  constructor(definition: OutputDefinition, fields: FieldTable, partitions: number) {
    this.#definition = definition;
    this.#partitions = partitions;
    this.#members =
      definition.value === 'as-is'
        ? null
        : definition.value.map((d) => ({
            prefix: Buffer.from(`${JSON.stringify(d.name)}:`),
            field: fields.add(d),
          }));
    this.#headerFields = Object.entries(definition.addHeaders ?? {}).flatMap(([header, name]) => {
      const field = fields.find(name);
      return field === undefined ? [] : [[header, field] as const];
    });
  }

  append(record: RecordView): void {
    const key = record.keyBytes();
    const partition =
      this.#definition.partitionBy === 'same' || key === null
        ? record.partition % this.#partitions
        : partitionOf(key, this.#partitions);
    let builder = this.#builders.get(partition);
    if (builder === undefined) this.#builders.set(partition, (builder = new RecordBatchBuilder()));
    const value = this.#members === null ? record.valueBytes() : this.#encode(record, this.#members);
    builder.append(record.eventTimeMs, key, value, this.#headers(record));
    this.count++;
    if (builder.sizeBytes > maxBatchBytes) {
      this.#sealed.push({ partition, batch: builder.finish({ compress: true }) });
    }
  }

  /** Hands everything appended since the last call to the transaction. */
  moveTo(transaction: Transaction): void {
    for (const [partition, builder] of this.#builders) {
      if (builder.count > 0) this.#sealed.push({ partition, batch: builder.finish({ compress: true }) });
    }
    for (const { partition, batch } of this.#sealed) {
      transaction.append(this.#definition.topic, partition, batch);
    }
    this.#sealed = [];
    this.count = 0;
  }

  #encode(record: RecordView, members: readonly Member[]): Uint8Array {
    const writer = this.#value;
    writer.length = 0;
    writer.byte(openBrace);
    for (const { prefix, field } of members) {
      if (!record.has(field)) continue;
      if (writer.length > 1) writer.byte(comma);
      writer.bytes(prefix);
      record.appendJson(field, writer);
    }
    writer.byte(closeBrace);
    return writer.written();
  }

  #headers(record: RecordView): Uint8Array {
    const added = this.#headerFields.filter(([, field]) => record.has(field));
    if (added.length === 0) return record.headerSection();
    const extra = Object.fromEntries(added.map(([header, field]) => [header, record.text(field)]));
    return encodeHeaders({ ...record.original().headers, ...extra });
  }
}
