import { ByteWriter } from './byte-writer.ts';
import { writeHeader } from './record-batch.ts';
import { HeaderReader } from './record-cursor.ts';
import type { Field, FieldTable, RecordView } from './record.ts';
import { partitionOf } from './partitioner.ts';
import { SealedBatches } from './sealed-batches.ts';
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

interface AddedHeader {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly field: Field;
}

/** Encodes what a topology emits into record batches by output partition. */
export class RecordOutput {
  readonly #definition: OutputDefinition;
  readonly #partitions: number;
  readonly #members: readonly Member[] | null;
  readonly #added: readonly AddedHeader[];
  readonly #value = new ByteWriter(4096);
  readonly #section = new ByteWriter(1024);
  readonly #reader = new HeaderReader();
  readonly #batches = new Map<number, SealedBatches>();
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
    this.#added = Object.entries(definition.addHeaders ?? {}).flatMap(([name, from]) => {
      const field = fields.find(from);
      return field === undefined ? [] : [{ name, nameBytes: Buffer.from(name), field }];
    });
  }

  append(record: RecordView): void {
    const key = record.keyBytes();
    const partition =
      this.#definition.partitionBy === 'same' || key === null
        ? record.partition % this.#partitions
        : partitionOf(key, this.#partitions);
    let batches = this.#batches.get(partition);
    if (batches === undefined) this.#batches.set(partition, (batches = new SealedBatches(64 * 1024)));
    const value = this.#members === null ? record.valueBytes() : this.#encode(record, this.#members);
    batches.append(record.eventTimeMs, key, value, this.#headers(record));
    this.count++;
  }

  /** Hands everything appended since the last call to the transaction. */
  moveTo(transaction: Transaction): void {
    for (const [partition, batches] of this.#batches) {
      for (const batch of batches.take()) transaction.append(this.#definition.topic, partition, batch);
    }
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

  /** The headers that came in, but for those added anew, and the added ones behind them. */
  #headers(record: RecordView): Uint8Array {
    const section = record.headerSection();
    if (this.#added.length === 0) return section;
    const bytes = Buffer.from(section.buffer, section.byteOffset, section.byteLength);
    let count = this.#added.reduce((sum, { field }) => sum + (record.has(field) ? 1 : 0), 0);
    if (count === 0) return section;
    const reader = this.#reader;
    reader.reset(bytes, 0);
    while (reader.next()) if (!this.#isReplaced(record, bytes)) count++;
    const writer = this.#section;
    writer.length = 0;
    writer.varint(count);
    reader.reset(bytes, 0);
    for (let start = headerStart(bytes); reader.next(); start = reader.valueEnd) {
      if (!this.#isReplaced(record, bytes)) writer.range(bytes, start, reader.valueEnd);
    }
    for (const { name, field } of this.#added) {
      if (record.has(field)) writeHeader(writer, name, record.text(field));
    }
    return writer.written();
  }

  #isReplaced(record: RecordView, bytes: Buffer): boolean {
    const { nameStart, nameEnd } = this.#reader;
    return this.#added.some(
      ({ nameBytes, field }) =>
        nameEnd - nameStart === nameBytes.length &&
        bytes.compare(nameBytes, 0, nameBytes.length, nameStart, nameEnd) === 0 &&
        record.has(field),
    );
  }
}

/** Where the first header begins: behind the section's count. */
function headerStart(section: Buffer): number {
  let at = 0;
  while ((section[at] ?? 0) > 127) at++;
  return at + 1;
}
