import { createHash } from 'node:crypto';

import { headers } from '../../contracts/topics.ts';
import { recordCount } from '../../streams/record-batch.ts';
import { HeaderReader, type RecordCursor } from '../../streams/record-cursor.ts';
import { wordsPerId } from './id-window.ts';

const idHeader = Buffer.from(headers.eventId);
const uuidLength = 36;
const reader = new HeaderReader();

/**
 * The message ids of a sealed batch's records, four words each: a UUID's 128 bits; of any other id 128 bits
 * of its SHA-256; zeros where a record has none. Throws `BATCH_CORRUPT`.
 */
export function readMessageIds(batch: Buffer, cursor: RecordCursor): Uint32Array {
  const ids = new Uint32Array(recordCount(batch) * wordsPerId);
  cursor.reset(batch);
  for (let at = 0; cursor.next(); at += wordsPerId) {
    reader.reset(cursor.bytes, cursor.headersStart, cursor.headersEnd);
    while (reader.next()) {
      if (!isIdHeader(cursor.bytes)) continue;
      writeId(cursor.bytes, reader.valueStart, reader.valueEnd, ids, at);
      break;
    }
  }
  return ids;
}

function isIdHeader(bytes: Buffer): boolean {
  if (reader.nameEnd - reader.nameStart !== idHeader.length || reader.valueStart < 0) return false;
  for (let i = 0; i < idHeader.length; i++) if (bytes[reader.nameStart + i] !== idHeader[i]) return false;
  return true;
}

function writeId(bytes: Buffer, start: number, end: number, ids: Uint32Array, at: number): void {
  if (end === start) return;
  if (end - start === uuidLength && writeUuid(bytes, start, ids, at)) return;
  const digest = createHash('sha256').update(bytes.subarray(start, end)).digest();
  for (let i = 0; i < wordsPerId; i++) ids[at + i] = digest.readUInt32BE(i * 4);
}

const notHex = 255;
const digits = new Uint8Array(256).fill(notHex);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  digits[digit.charCodeAt(0)] = value;
  digits[digit.toUpperCase().charCodeAt(0)] = value;
}
const dash = 0x2d;

/** Writes the UUID's bits; false where the text is none (RFC 9562 section 4). */
function writeUuid(bytes: Buffer, start: number, ids: Uint32Array, at: number): boolean {
  let word = 0;
  let seen = 0;
  for (let i = 0; i < uuidLength; i++) {
    const byte = bytes[start + i] ?? 0;
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (byte !== dash) return false;
      continue;
    }
    const digit = digits[byte] ?? notHex;
    if (digit === notHex) return false;
    word = (word << 4) | digit;
    if ((++seen & 7) === 0) ids[at + (seen >> 3) - 1] = word;
  }
  return true;
}
