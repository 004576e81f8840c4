import { blockOf, type ByteBlock } from './byte-block.ts';
import { freeMemory } from './free-memory.ts';
import {
  attributesAt,
  batchHeaderBytes,
  compressionMask,
  corrupt,
  openBatchEnd,
  recordCountAt,
  zstdCodec,
} from './record-batch.ts';
import { decompress } from './zstd.ts';

const controlBit = 32;
/** The eighth and last byte of a number of up to 53 bits weighs 2^49. */
const varintFactorLimit = 2 ** 49;
/** A compressed batch from elsewhere may claim any size: refuse to inflate beyond this. */
const inflateLimitBytes = 256 * 1024 * 1024;
/** Attributes, time and offset deltas, lengths of key and value, number of headers: a byte each. */
const smallestRecordBytes = 6;

/**
 * Walks the records of one or more batches behind each other, in place. After `next()` returned true the
 * fields say where the record's parts are in `bytes`; they are overwritten by the next call.
 * Throws `BATCH_CORRUPT` on a wrong checksum, an unknown format, or a length that leaves the batch.
 */
export class RecordCursor {
  /** The buffer that the ranges below point into: the batch's, or its inflated records. */
  bytes: Buffer = Buffer.alloc(0);
  /** The same with a view on it. */
  block: ByteBlock = blockOf(this.bytes);
  offset = 0;
  timestampMs = 0;
  /** Where the encoded key, value and headers begin; they end at `headersEnd`. */
  keyLengthStart = 0;
  /** -1 where the record has no key. */
  keyStart = 0;
  keyEnd = 0;
  /** -1 where the record is a tombstone. */
  valueStart = 0;
  valueEnd = 0;
  headersStart = 0;
  headersEnd = 0;

  #input: ByteBlock = this.block;
  #nextBatch = 0;
  #position = 0;
  #end = 0;
  #left = 0;
  #baseOffset = 0;
  #baseTimestampMs = 0;
  /** What was inflated since `reset`. */
  #inflated: Inflated[] = [];

  /** Starts at the first record of `input`. */
  reset(input: Uint8Array): void {
    const bytes = Buffer.isBuffer(input)
      ? input
      : Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    this.#input = blockOf(bytes);
    this.#nextBatch = 0;
    this.#left = 0;
    this.#inflated = [];
  }

  /** Moves to the next record; false at the end. */
  next(): boolean {
    while (this.#left === 0) if (!this.#openBatch()) return false;
    this.#left--;
    const lengthBytes = this.#varint();
    const end = this.#position + lengthBytes;
    if (lengthBytes < smallestRecordBytes || end > this.#end) throw corrupt('a record that leaves its batch');
    this.#position++;
    this.timestampMs = this.#baseTimestampMs + this.#varint();
    this.offset = this.#baseOffset + this.#varint();
    this.keyLengthStart = this.#position;
    const keyBytes = this.#varint();
    this.keyStart = keyBytes < 0 ? -1 : this.#position;
    this.#position += Math.max(keyBytes, 0);
    this.keyEnd = this.#position;
    const valueBytes = this.#varint();
    this.valueStart = valueBytes < 0 ? -1 : this.#position;
    this.#position += Math.max(valueBytes, 0);
    this.valueEnd = this.#position;
    if (this.#position >= end) throw corrupt('a key or value that leaves its record');
    this.headersStart = this.#position;
    this.headersEnd = end;
    this.#position = end;
    if (this.#left === 0 && end !== this.#end) throw corrupt('bytes behind its last record');
    return true;
  }

  /**
   * Gives back the memory of all that was inflated since `reset`, unless another cursor uses it too. The records, and
   * every view of them, are void then. Whoever does not call it leaves the memory to the garbage collector.
   */
  release(): void {
    for (const inflated of this.#inflated) if (--inflated.users === 0) discard(inflated);
    this.#inflated = [];
    this.#left = 0;
    this.#nextBatch = this.#input.bytes.length;
  }

  /** The current record's key as text; empty where it has none. */
  keyText(): string {
    return this.keyStart < 0 ? '' : this.bytes.toString('utf8', this.keyStart, this.keyEnd);
  }

  /** The current record's value, a view into `bytes`; null for a tombstone. */
  value(): Buffer | null {
    return this.valueStart < 0 ? null : this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  /** The current record's headers as an object: for everything that is not the hot path. */
  headers(): Record<string, string> {
    const found: [string, string][] = [];
    const reader = new HeaderReader();
    reader.reset(this.bytes, this.headersStart, this.headersEnd);
    while (reader.next()) {
      const name = this.bytes.toString('utf8', reader.nameStart, reader.nameEnd);
      const isNull = reader.valueStart < 0;
      found.push([name, isNull ? '' : this.bytes.toString('utf8', reader.valueStart, reader.valueEnd)]);
    }
    return Object.fromEntries(found);
  }

  #openBatch(): boolean {
    const input = this.#input.bytes;
    const at = this.#nextBatch;
    if (at >= input.length) return false;
    const end = openBatchEnd(input, at);
    this.#nextBatch = end;
    const attributes = input.readInt16BE(at + attributesAt);
    if ((attributes & controlBit) !== 0) return true;
    this.#baseOffset = Number(input.readBigInt64BE(at));
    this.#baseTimestampMs = Number(input.readBigInt64BE(at + 27));
    this.#left = input.readInt32BE(at + recordCountAt);
    if (this.#left < 0) throw corrupt('a record count below zero');
    this.#openRecords(attributes & compressionMask, at + batchHeaderBytes, end);
    return true;
  }

  #openRecords(codec: number, start: number, end: number): void {
    if (codec === 0) {
      this.block = this.#input;
      this.bytes = this.block.bytes;
      this.#position = start;
      this.#end = end;
      return;
    }
    if (codec !== zstdCodec) throw corrupt(`compression codec ${codec}, and only zstd (4) is known`);
    const inflated = inflate(this.#input.bytes, start, end);
    this.#inflated.push(inflated);
    this.block = blockOf(inflated.records);
    this.bytes = this.block.bytes;
    this.#position = 0;
    this.#end = this.bytes.length;
  }

  /** Zigzag varint of up to 53 bits; nearly all have one byte or two. */
  #varint(): number {
    const bytes = this.bytes;
    const position = this.#position;
    const first = bytes[position] ?? 0;
    if (first < 128) {
      this.#position = position + 1;
      return (first >>> 1) ^ -(first & 1);
    }
    const second = bytes[position + 1] ?? 0;
    if (second > 127) return this.#longVarint();
    this.#position = position + 2;
    const value = (first & 127) | (second << 7);
    return (value >>> 1) ^ -(value & 1);
  }

  #longVarint(): number {
    const bytes = this.bytes;
    let position = this.#position;
    let byte = bytes[position++] ?? 0;
    let value = byte & 127;
    let factor = 128;
    while (byte > 127) {
      if (factor > varintFactorLimit) throw corrupt('a number beyond 53 bits');
      byte = bytes[position++] ?? 0;
      value += (byte & 127) * factor;
      factor *= 128;
    }
    this.#position = position;
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** The records of a compressed batch. */
interface Inflated {
  readonly records: Buffer;
  /** The batch, where it may have other readers. */
  readonly batch: Buffer | undefined;
  /** Cursors that read from it. */
  users: number;
}

/** What a buffer that is one batch inflates to, for cursors that read it at the same time. */
const inflatedBatches = new WeakMap<Buffer, Inflated>();

function inflate(input: Buffer, start: number, end: number): Inflated {
  const batch = start === batchHeaderBytes && end === input.length ? input : undefined;
  const known = batch === undefined ? undefined : inflatedBatches.get(batch);
  if (known !== undefined) {
    known.users++;
    return known;
  }
  try {
    const records = decompress(input.subarray(start, end), inflateLimitBytes);
    const inflated = { records, batch, users: 1 };
    if (batch !== undefined) inflatedBatches.set(batch, inflated);
    return inflated;
  } catch (cause) {
    throw corrupt('compressed records that do not inflate', cause);
  }
}

function discard({ batch, records }: Inflated): void {
  if (batch !== undefined) inflatedBatches.delete(batch);
  freeMemory(records);
}

/** Walks the headers of one record in place; ranges point into the buffer given to `reset`. */
export class HeaderReader {
  nameStart = 0;
  nameEnd = 0;
  /** -1 where the header has no value. */
  valueStart = 0;
  valueEnd = 0;
  /** Headers not yet read. */
  left = 0;

  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;
  #end = 0;

  /** Where the next header begins, or the last one ended. */
  get position(): number {
    return this.#position;
  }

  /** Starts at the header section at `start`; `end` is where the record ends. */
  reset(bytes: Buffer, start: number, end = bytes.length): void {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    this.left = this.#varint();
    if (this.left < 0 || this.#position > end) throw corrupt('a header count that cannot be');
  }

  next(): boolean {
    if (this.left <= 0) return false;
    this.left--;
    const nameBytes = this.#varint();
    this.nameStart = this.#position;
    this.nameEnd = this.#position += nameBytes;
    const valueBytes = this.#varint();
    this.valueStart = valueBytes < 0 ? -1 : this.#position;
    this.valueEnd = this.#position += Math.max(valueBytes, 0);
    if (nameBytes < 0 || this.valueEnd > this.#end) throw corrupt('a header that leaves its record');
    return true;
  }

  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#position++] ?? 0;
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 127;
    let shift = 7;
    while (byte > 127 && shift < 32) {
      byte = bytes[this.#position++] ?? 0;
      value |= (byte & 127) << shift;
      shift += 7;
    }
    return (value >>> 1) ^ -(value & 1);
  }
}
