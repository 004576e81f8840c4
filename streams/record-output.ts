import { type ByteBlock, constantBlock, isSame } from './byte-block.ts';
import type { ByteWriter } from './byte-writer.ts';
import { partitionOf } from './partitioner.ts';
import { writeHeader } from './encoded-headers.ts';
import { recordCount } from './record-batch.ts';
import { HeaderReader } from './record-cursor.ts';
import type { ByteRange, Field, FieldTable, RecordView } from './record.ts';
import { SealedBatches } from './sealed-batches.ts';
import { type OutputDefinition, writtenFields } from './topology.ts';
import type { Transaction } from './transaction.ts';

interface Member {
  /** `,"name":`: the first of an object leaves the comma out. */
  readonly prefix: ByteBlock;
  readonly field: Field;
}

const openBrace = 0x7b;
const closeBrace = 0x7d;
const initialBatchBytes = 4 * 1024;

interface AddedHeader {
  readonly name: string;
  readonly nameBytes: ByteBlock;
  readonly field: Field;
}

/** Encodes what a topology emits into record batches by output partition, straight into the batch. */
export class RecordOutput {
  readonly #definition: OutputDefinition;
  readonly #partitions: number;
  readonly #compress: boolean;
  readonly #members: readonly Member[];
  /** Whether the value is an object of the members alone, or begins with what came in. */
  readonly #isObject: boolean;
  readonly #added: readonly AddedHeader[];
  readonly #reader = new HeaderReader();
  readonly #batches: (SealedBatches | undefined)[];
  count = 0;

  constructor(definition: OutputDefinition, fields: FieldTable, partitions: number, compress: boolean) {
    this.#definition = definition;
    this.#partitions = partitions;
    this.#compress = compress;
    this.#batches = new Array<SealedBatches | undefined>(partitions).fill(undefined);
    this.#isObject = Array.isArray(definition.value);
    this.#members = writtenFields(definition).map((d) => ({
      prefix: constantBlock(Buffer.from(`,${JSON.stringify(d.name)}:`)),
      field: fields.add(d),
    }));
    this.#added = Object.entries(definition.addHeaders ?? {}).flatMap(([name, from]) => {
      const field = fields.find(from);
      return field === undefined ? [] : [{ name, nameBytes: constantBlock(Buffer.from(name)), field }];
    });
  }

  append(record: RecordView): void {
    const key = record.keyRange();
    const batches = this.#batchesFor(record.partition, key);
    const writer = batches.beginRecord(record.eventTimeMs, key);
    if (this.#writeValue(record, writer)) batches.endValue();
    else batches.noValue();
    this.#writeHeaders(record, writer);
    batches.endRecord();
    this.count++;
  }

  /** Whether sealed batches may be appended unread: there is one partition to go to, and nothing to change. */
  get takesBatches(): boolean {
    const changes = this.#isObject || this.#members.length > 0 || this.#added.length > 0;
    return this.#partitions === 1 && !changes;
  }

  /** Appends copies of sealed batches, unread. Only where it `takesBatches`. */
  appendBatches(batches: readonly Buffer[]): void {
    const output = (this.#batches[0] ??= new SealedBatches(initialBatchBytes, this.#compress));
    for (const batch of batches) {
      output.appendBatch(batch);
      this.count += recordCount(batch);
    }
  }

  /** Hands everything appended since the last call to the transaction. */
  moveTo(transaction: Transaction): void {
    for (const [partition, batches] of this.#batches.entries()) {
      for (const batch of batches?.take() ?? []) {
        transaction.append(this.#definition.topic, partition, batch, true);
      }
    }
    this.count = 0;
  }

  /** What was moved to a transaction has been committed. */
  settle(): void {
    for (const batches of this.#batches) batches?.reuseTaken();
  }

  /** False for a tombstone, which stays one. */
  #writeValue(record: RecordView, writer: ByteWriter): boolean {
    if (this.#isObject) {
      writer.byte(openBrace);
      writeMembers(record, this.#members, writer, false);
      writer.byte(closeBrace);
      return true;
    }
    const value = record.valueRange();
    if (value === null) return false;
    const braceAt = this.#members.length === 0 ? -1 : lastBrace(value);
    if (braceAt < 0) {
      writer.block(value, value.start, value.end);
      return true;
    }
    writer.block(value, value.start, braceAt);
    writeMembers(record, this.#members, writer, !isEmptyObject(value, braceAt));
    writer.byte(closeBrace);
    return true;
  }

  #batchesFor(from: number, key: ByteRange | null): SealedBatches {
    const partition =
      this.#definition.partitionBy === 'same' || key === null
        ? from % this.#partitions
        : partitionOf(key.bytes.subarray(key.start, key.end), this.#partitions);
    return (this.#batches[partition] ??= new SealedBatches(initialBatchBytes, this.#compress));
  }

  /** The headers that came in, but for those added anew, and the added ones behind them. */
  #writeHeaders(record: RecordView, writer: ByteWriter): void {
    const section = record.headerRange();
    const { bytes, view, viewBytes, start, end } = section;
    let count = 0;
    for (const { field } of this.#added) if (record.has(field)) count++;
    if (count === 0) return writer.block(section, start, end);
    const reader = this.#reader;
    const block = { bytes, view, viewBytes };
    reader.reset(bytes, start, end);
    while (reader.next()) if (!this.#isReplaced(record, block)) count++;
    writer.varint(count);
    reader.reset(bytes, start, end);
    for (let from = reader.position; reader.next(); from = reader.position) {
      if (!this.#isReplaced(record, block)) writer.range(bytes, from, reader.position);
    }
    for (const { name, field } of this.#added) {
      if (record.has(field)) writeHeader(writer, name, record.text(field));
    }
  }

  #isReplaced(record: RecordView, block: ByteBlock): boolean {
    const { nameStart, nameEnd } = this.#reader;
    return this.#added.some(
      ({ nameBytes, field }) => isSame(block, nameStart, nameEnd, nameBytes) && record.has(field),
    );
  }
}

/** Writes those of the fields that the record has as members of an object, which may have some already. */
function writeMembers(
  record: RecordView,
  members: readonly Member[],
  writer: ByteWriter,
  hasMembers: boolean,
): void {
  let skip = hasMembers ? 0 : 1;
  for (const { prefix, field } of members) {
    if (!record.has(field)) continue;
    writer.block(prefix, skip, prefix.bytes.length);
    record.appendJson(field, writer);
    skip = 0;
  }
}

/** Where a JSON object's closing brace stands; -1 where the bytes do not end with one. */
function lastBrace({ bytes, start, end }: ByteRange): number {
  let at = end - 1;
  while (at > start && isSpace(bytes[at])) at--;
  return at > start && bytes[at] === closeBrace ? at : -1;
}

function isEmptyObject({ bytes, start }: ByteRange, braceAt: number): boolean {
  let at = braceAt - 1;
  while (at > start && isSpace(bytes[at])) at--;
  return bytes[at] === openBrace;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
