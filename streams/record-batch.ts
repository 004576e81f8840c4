import { crc32c } from '@node-rs/crc32';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

import { OpenFrameError } from '../contracts/errors.ts';
import { ByteWriter } from './byte-writer.ts';

/**
 * Kafka's record batch, format 2 (https://kafka.apache.org/documentation/#recordbatch), is the one
 * byte form of records here: what the embedded log stores, what real Kafka sends, and what stages read
 * in place. Offsets and times are JavaScript numbers: exact to 2^53.
 */
export const batchHeaderBytes = 61;

const recordCountAt = 57;
const compressionMask = 7;
const zstdCodec = 4;
const controlBit = 32;
/** Records are cheap to store once they are this small; below it compression costs more than it saves. */
const compressFromBytes = 512;
/** Level -5 costs 0.4 µs a 430-byte event and takes it to a quarter; level 1 costs twice that. */
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: -5 } };
/** A compressed batch from elsewhere may claim any size: refuse to inflate beyond this. */
const inflateLimitBytes = 256 * 1024 * 1024;

export interface RecordInput {
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly timestampMs: number;
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
}

/** Builds one record batch. Append, then `finish`, which hands out the bytes and starts anew. */
export class RecordBatchBuilder {
  #records: ByteWriter;
  #record = new ByteWriter(2048);
  #count = 0;
  #baseTimestampMs = 0;
  #maxTimestampMs = 0;

  constructor(initialBytes = 64 * 1024) {
    this.#records = new ByteWriter(initialBytes);
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the records so far, uncompressed, without the batch's header. */
  get sizeBytes(): number {
    return this.#records.length;
  }

  /**
   * Appends one record whose parts are ranges of other buffers: the hot path, no object per record.
   * `headers` is the encoded header section with its leading count. A value of null is a tombstone.
   */
  append(timestampMs: number, key: Uint8Array | null, value: Uint8Array | null, headers: Uint8Array): void {
    if (this.#count === 0) {
      this.#baseTimestampMs = timestampMs;
      this.#maxTimestampMs = timestampMs;
    } else if (timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs;
    const record = this.#record;
    record.length = 0;
    record.byte(0);
    record.varint(timestampMs - this.#baseTimestampMs);
    record.varint(this.#count++);
    record.varint(key === null ? -1 : key.length);
    if (key !== null) record.bytes(key);
    record.varint(value === null ? -1 : value.length);
    const records = this.#records;
    records.varint(record.length + (value?.length ?? 0) + headers.length);
    records.bytes(record.written());
    if (value !== null) records.bytes(value);
    records.bytes(headers);
  }

  /** Appends a record given as an object: for everything that is not the hot path. */
  appendRecord(record: RecordInput): void {
    const toBytes = (v: string | Uint8Array): Uint8Array => (typeof v === 'string' ? Buffer.from(v) : v);
    this.append(
      record.timestampMs,
      record.key === null ? null : toBytes(record.key),
      record.value === null ? null : toBytes(record.value),
      encodeHeaders(record.headers ?? {}),
    );
  }

  /** The batch's bytes, sealed with CRC-32C, at offset 0; the builder is empty afterwards. */
  finish(options: { readonly compress?: boolean } = {}): Buffer {
    const raw = this.#records.written();
    const compress = options.compress === true && raw.length >= compressFromBytes;
    const body = compress ? zstdCompressSync(raw, zstdOptions) : raw;
    const batch = Buffer.allocUnsafe(batchHeaderBytes + body.length);
    batch.set(body, batchHeaderBytes);
    writeBatchHeader(batch, {
      attributes: compress ? zstdCodec : 0,
      count: this.#count,
      baseTimestampMs: this.#baseTimestampMs,
      maxTimestampMs: this.#maxTimestampMs,
    });
    this.#records.length = 0;
    this.#count = 0;
    return batch;
  }
}

interface BatchHeader {
  readonly attributes: number;
  readonly count: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
}

function writeBatchHeader(batch: Buffer, header: BatchHeader): void {
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch[16] = 2;
  batch.writeInt16BE(header.attributes, 21);
  batch.writeInt32BE(header.count - 1, 23);
  batch.writeBigInt64BE(BigInt(header.baseTimestampMs), 27);
  batch.writeBigInt64BE(BigInt(header.maxTimestampMs), 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(header.count, recordCountAt);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
}

/** A header section: its count, then each name and value, as record batches hold it. */
export function encodeHeaders(headers: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const writer = new ByteWriter(256);
  const entries = Object.entries(headers);
  writer.varint(entries.length);
  for (const [name, value] of entries) writeHeader(writer, name, value);
  return writer.written();
}

/** Writes one header; the section's count is the caller's to write first. */
export function writeHeader(writer: ByteWriter, name: string, value: string | Uint8Array): void {
  writer.varint(name.length);
  writer.latin1(name);
  if (typeof value === 'string') {
    const bytes = Buffer.byteLength(value);
    writer.varint(bytes);
    writer.utf8(value, bytes);
  } else {
    writer.varint(value.length);
    writer.bytes(value);
  }
}

/** Sets the offset of a sealed batch's first record: the log does this when it appends. The CRC leaves it out. */
export function setBaseOffset(batch: Buffer, baseOffset: number): void {
  batch.writeBigInt64BE(BigInt(baseOffset), 0);
}

/** How many records a sealed batch (one, not several behind each other) holds. */
export function recordCount(batch: Buffer): number {
  return batch.readInt32BE(recordCountAt);
}

/** The latest record timestamp of a sealed batch, in milliseconds. */
export function maxTimestampMs(batch: Buffer): number {
  return Number(batch.readBigInt64BE(35));
}

/**
 * Walks the records of one or more batches behind each other, in place. After `next()` returned true the
 * fields say where the record's parts are in `bytes`; they are overwritten by the next call.
 * Throws `BATCH_CORRUPT` on a wrong checksum, an unknown format, or a length that leaves the batch.
 */
export class RecordCursor {
  /** The buffer that the ranges below point into: the batch's, or its inflated records. */
  bytes: Buffer = Buffer.alloc(0);
  offset = 0;
  timestampMs = 0;
  /** -1 where the record has no key. */
  keyStart = 0;
  keyEnd = 0;
  /** -1 where the record is a tombstone. */
  valueStart = 0;
  valueEnd = 0;
  headersStart = 0;
  headersEnd = 0;

  #input: Buffer = Buffer.alloc(0);
  #nextBatch = 0;
  #position = 0;
  #end = 0;
  #left = 0;
  #baseOffset = 0;
  #baseTimestampMs = 0;

  /** Starts at the first record of `input`. */
  reset(input: Uint8Array): void {
    this.#input = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    this.#nextBatch = 0;
    this.#left = 0;
  }

  /** Moves to the next record; false at the end. */
  next(): boolean {
    while (this.#left === 0) if (!this.#openBatch()) return false;
    this.#left--;
    const lengthBytes = this.#varint();
    const end = this.#position + lengthBytes;
    if (lengthBytes < 7 || end > this.#end) throw corrupt('a record that leaves its batch');
    this.#position++;
    this.timestampMs = this.#baseTimestampMs + this.#varint();
    this.offset = this.#baseOffset + this.#varint();
    const keyBytes = this.#varint();
    this.keyStart = keyBytes < 0 ? -1 : this.#position;
    this.#position += Math.max(keyBytes, 0);
    this.keyEnd = this.#position;
    const valueBytes = this.#varint();
    this.valueStart = valueBytes < 0 ? -1 : this.#position;
    this.#position += Math.max(valueBytes, 0);
    this.valueEnd = this.#position;
    if (this.#position > end) throw corrupt('a key or value that leaves its record');
    this.headersStart = this.#position;
    this.headersEnd = end;
    this.#position = end;
    return true;
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
    const found: Record<string, string> = {};
    const reader = new HeaderReader();
    reader.reset(this.bytes, this.headersStart);
    while (reader.next()) {
      found[this.bytes.toString('latin1', reader.nameStart, reader.nameEnd)] =
        reader.valueStart < 0 ? '' : this.bytes.toString('utf8', reader.valueStart, reader.valueEnd);
    }
    return found;
  }

  #openBatch(): boolean {
    const input = this.#input;
    const at = this.#nextBatch;
    if (at >= input.length) return false;
    if (input.length - at < batchHeaderBytes) throw corrupt('fewer bytes than a batch header');
    const end = at + 12 + input.readInt32BE(at + 8);
    if (end > input.length || end < at + batchHeaderBytes) throw corrupt('a length beyond its bytes');
    if (input[at + 16] !== 2) throw corrupt(`format ${input[at + 16]}, and only format 2 is known`);
    if (crc32c(input.subarray(at + 21, end)) !== input.readUInt32BE(at + 17))
      throw corrupt('a wrong checksum');
    this.#nextBatch = end;
    const attributes = input.readInt16BE(at + 21);
    if ((attributes & controlBit) !== 0) return true;
    this.#baseOffset = Number(input.readBigInt64BE(at));
    this.#baseTimestampMs = Number(input.readBigInt64BE(at + 27));
    this.#left = input.readInt32BE(at + recordCountAt);
    this.#openRecords(attributes & compressionMask, at + batchHeaderBytes, end);
    return true;
  }

  #openRecords(codec: number, start: number, end: number): void {
    if (codec === 0) {
      this.bytes = this.#input;
      this.#position = start;
      this.#end = end;
      return;
    }
    if (codec !== zstdCodec) throw corrupt(`compression codec ${codec}, and only zstd (4) is known`);
    const body = this.#input.subarray(start, end);
    this.bytes = zstdDecompressSync(body, { maxOutputLength: inflateLimitBytes });
    this.#position = 0;
    this.#end = this.bytes.length;
  }

  /** Zigzag varint of up to 53 bits. */
  #varint(): number {
    const bytes = this.bytes;
    let position = this.#position;
    let byte = bytes[position++] ?? 0;
    let value = byte & 127;
    let factor = 128;
    while (byte > 127) {
      byte = bytes[position++] ?? 0;
      value += (byte & 127) * factor;
      factor *= 128;
    }
    this.#position = position;
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
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

  reset(bytes: Buffer, start: number): void {
    this.#bytes = bytes;
    this.#position = start;
    this.left = this.#varint();
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
    if (nameBytes < 0 || this.valueEnd > this.#bytes.length) throw corrupt('a header that leaves its record');
    return true;
  }

  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#position++] ?? 0;
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

function corrupt(what: string): OpenFrameError {
  return new OpenFrameError('BATCH_CORRUPT', `The record batch has ${what}: its bytes are damaged or cut.`);
}
