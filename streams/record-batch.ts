import { crc32c } from '@node-rs/crc32';

import { OpenFrameError } from '../contracts/errors.ts';
import type { ByteBlock } from './byte-block.ts';
import { ByteWriter } from './byte-writer.ts';
import { encodeHeaders } from './encoded-headers.ts';
import { freeMemory } from './free-memory.ts';
import type { ByteRange } from './record.ts';
import { compress } from './zstd.ts';

/**
 * Kafka's record batch, format 2 (https://kafka.apache.org/documentation/#recordbatch), is the one
 * byte form of records here: what the embedded log stores, what real Kafka sends, and what stages read
 * in place. Offsets and times are JavaScript numbers: exact to 2^53.
 */
export const batchHeaderBytes = 61;

export const checksumAt = 17;
export const attributesAt = 21;
const lastOffsetDeltaAt = 23;
export const recordCountAt = 57;
export const compressionMask = 7;
export const zstdCodec = 4;
/** Records are cheap to store once they are this small; below it compression costs more than it saves. */
const compressFromBytes = 512;

export interface RecordInput {
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly timestampMs: number;
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
}

/** Where a record stands encoded: a `RecordCursor` on it. */
interface EncodedRecord {
  readonly block: ByteBlock;
  readonly timestampMs: number;
  /** Where the encoded key, value and headers begin; they end at `headersEnd`. */
  readonly keyLengthStart: number;
  readonly headersEnd: number;
}

/** Builds one record batch. Append, then `finish`, which hands out the bytes and starts anew. */
export class RecordBatchBuilder {
  /** The batch's header, filled in at the end, and the records. */
  #batch: ByteWriter;
  #count = 0;
  #nextDelta = 0;
  #baseTimestampMs = 0;
  #maxTimestampMs = 0;
  /** Where the open record's length and its value's length will stand; both mostly take as many bytes as before. */
  #lengthAt = 0;
  #lengthBytes = 2;
  #valueLengthAt = 0;
  #valueLengthBytes = 2;

  constructor(initialBytes = 64 * 1024) {
    this.#batch = new ByteWriter(batchHeaderBytes + initialBytes);
    this.#batch.length = batchHeaderBytes;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the records so far, uncompressed, without the batch's header. */
  get sizeBytes(): number {
    return this.#batch.length - batchHeaderBytes;
  }

  /**
   * Opens a record: no object per record, and nothing is copied twice. The caller writes the value into what it
   * returns and calls `endValue`, or `noValue` at once for a tombstone; then it writes the encoded header section
   * and calls `endRecord`.
   */
  beginRecord(timestampMs: number, key: ByteRange | null): ByteWriter {
    const batch = this.#beginRecord(timestampMs);
    if (key === null) batch.varint(-1);
    else {
      batch.varint(key.end - key.start);
      batch.block(key, key.start, key.end);
    }
    this.#valueLengthAt = batch.varintLater(this.#valueLengthBytes);
    return batch;
  }

  endValue(): void {
    const batch = this.#batch;
    const value = batch.length - this.#valueLengthAt - this.#valueLengthBytes;
    this.#valueLengthBytes = batch.varintAt(this.#valueLengthAt, this.#valueLengthBytes, value);
  }

  noValue(): void {
    this.#batch.length = this.#valueLengthAt;
    this.#batch.varint(-1);
  }

  endRecord(): void {
    const batch = this.#batch;
    const record = batch.length - this.#lengthAt - this.#lengthBytes;
    this.#lengthBytes = batch.varintAt(this.#lengthAt, this.#lengthBytes, record);
  }

  /**
   * Appends one record whose parts are at hand. `headers` is the encoded header section with its leading count.
   * A value of null is a tombstone.
   */
  append(timestampMs: number, key: Uint8Array | null, value: Uint8Array | null, headers: Uint8Array): void {
    const batch = this.#beginRecord(timestampMs);
    for (const part of [key, value]) {
      batch.varint(part === null ? -1 : part.length);
      if (part !== null) batch.bytes(part);
    }
    batch.bytes(headers);
    this.endRecord();
  }

  /** Appends the record that the cursor stands on: its key, value and headers are copied as they are. */
  appendFrom(cursor: EncodedRecord): void {
    this.#beginRecord(cursor.timestampMs).block(cursor.block, cursor.keyLengthStart, cursor.headersEnd);
    this.endRecord();
  }

  /** The next record's offset, counted from the batch's first: leaves a gap, as compaction does. */
  skipTo(offsetDelta: number): void {
    this.#nextDelta = offsetDelta;
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
    const isCompressed = options.compress === true && this.sizeBytes >= compressFromBytes;
    const batch = isCompressed ? compressed(this.#batch.written()) : this.#batch.take();
    writeBatchHeader(batch, {
      attributes: isCompressed ? zstdCodec : 0,
      count: this.#count,
      lastOffsetDelta: this.#nextDelta - 1,
      baseTimestampMs: this.#baseTimestampMs,
      maxTimestampMs: this.#maxTimestampMs,
    });
    this.#batch.length = batchHeaderBytes;
    this.#count = 0;
    this.#nextDelta = 0;
    return batch;
  }

  /** The memory of a batch that was handed out, and that nobody looks at any more, for later ones. */
  reuse(batch: Buffer): void {
    this.#batch.reuse(batch);
  }

  /** The record's head up to its offset; what follows is the key's length. */
  #beginRecord(timestampMs: number): ByteWriter {
    if (this.#count === 0) {
      this.#baseTimestampMs = timestampMs;
      this.#maxTimestampMs = timestampMs;
    } else if (timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs;
    this.#count++;
    const batch = this.#batch;
    this.#lengthAt = batch.varintLater(this.#lengthBytes);
    batch.byte(0);
    batch.varint(timestampMs - this.#baseTimestampMs);
    batch.varint(this.#nextDelta++);
    return batch;
  }
}

/** Room for the header, and the records compressed. */
function compressed(batch: Buffer): Buffer {
  const body = compress(batch.subarray(batchHeaderBytes));
  const result = Buffer.allocUnsafe(batchHeaderBytes + body.length);
  result.set(body, batchHeaderBytes);
  freeMemory(body);
  return result;
}

interface BatchHeader {
  readonly attributes: number;
  readonly count: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
}

function writeBatchHeader(batch: Buffer, header: BatchHeader): void {
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(-1, 12);
  batch[16] = 2;
  batch.writeInt16BE(header.attributes, attributesAt);
  batch.writeInt32BE(header.lastOffsetDelta, lastOffsetDeltaAt);
  batch.writeBigInt64BE(BigInt(header.baseTimestampMs), 27);
  batch.writeBigInt64BE(BigInt(header.maxTimestampMs), 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(header.count, recordCountAt);
  sealBatch(batch);
}

function sealBatch(batch: Buffer): void {
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeUInt32BE(crc32c(batch.subarray(attributesAt)), checksumAt);
}

/** The batch with its records compressed; the very batch where they already are or would not gain by it. */
export function compressBatch(batch: Buffer): Buffer {
  const attributes = batch.readInt16BE(attributesAt);
  if ((attributes & compressionMask) !== 0 || batch.length < batchHeaderBytes + compressFromBytes)
    return batch;
  const result = compressed(batch);
  result.set(batch.subarray(0, batchHeaderBytes));
  result.writeInt16BE(attributes | zstdCodec, attributesAt);
  sealBatch(result);
  return result;
}

/** Sets the offset of a sealed batch's first record: the log does this when it appends. The CRC leaves it out. */
export function setBaseOffset(batch: Buffer, baseOffset: number): void {
  batch.writeBigInt64BE(BigInt(baseOffset), 0);
}

/** How many records a sealed batch (one, not several behind each other) holds. */
export function recordCount(batch: Buffer): number {
  return batch.readInt32BE(recordCountAt);
}

/** The offset of a sealed batch's first record. */
export function baseOffset(batch: Buffer): number {
  return Number(batch.readBigInt64BE(0));
}

/** How many offsets a sealed batch spans: its records, and the gaps that compaction left between them. */
export function offsetSpan(batch: Buffer): number {
  return batch.readInt32BE(lastOffsetDeltaAt) + 1;
}

/**
 * Throws `BATCH_CORRUPT` unless `batch` is exactly one sealed batch of at least one record with a right
 * checksum. The records themselves are not looked at.
 */
export function checkBatch(batch: Buffer): void {
  checkBatchFrame(batch);
  checkChecksum(batch, 0, batch.length);
}

/** The same but for the checksum: for batches that this process has sealed, and whose checksum the next one checks. */
export function checkBatchFrame(batch: Buffer): void {
  if (frameEnd(batch, 0) !== batch.length) throw corrupt('bytes behind it');
  const count = recordCount(batch);
  if (count < 1 || offsetSpan(batch) < count) throw corrupt('a record count that its offsets contradict');
}

/** Checks the batch that starts at `at` and returns where it ends. */
export function openBatchEnd(input: Buffer, at: number): number {
  const end = frameEnd(input, at);
  checkChecksum(input, at, end);
  return end;
}

function frameEnd(input: Buffer, at: number): number {
  if (input.length - at < batchHeaderBytes) throw corrupt('fewer bytes than a batch header');
  const end = at + 12 + input.readInt32BE(at + 8);
  if (end > input.length || end < at + batchHeaderBytes) throw corrupt('a length beyond its bytes');
  if (input[at + 16] !== 2) throw corrupt(`format ${input[at + 16]}, and only format 2 is known`);
  return end;
}

function checkChecksum(input: Buffer, at: number, end: number): void {
  if (crc32c(input.subarray(at + attributesAt, end)) !== input.readUInt32BE(at + checksumAt)) {
    throw corrupt('a wrong checksum');
  }
}

/** Whether the log put its own time on the records when it took them (`LogAppendTime`), not their writer. */
export function isStampedByLog(batch: Buffer): boolean {
  return (batch.readInt16BE(attributesAt) & 0x08) !== 0;
}

/** The latest record timestamp of a sealed batch, in milliseconds. */
export function maxTimestampMs(batch: Buffer): number {
  return Number(batch.readBigInt64BE(35));
}

/** What is thrown for bytes that are no record batch. */
export function corrupt(what: string, cause?: unknown): OpenFrameError {
  return new OpenFrameError('BATCH_CORRUPT', `The record batch has ${what}: its bytes are damaged or cut.`, {
    cause,
  });
}
