import { corrupt } from '../../streams/record-batch.ts';
import type { RecordCursor } from '../../streams/record-cursor.ts';

/**
 * Everything of a record but its value, byte by byte: time (8 bytes, a double), 1 where it has no value, the length
 * of its key (4 bytes, all ones where it has none), the key, and the header section as record batches hold it.
 */
const hasNoValueAt = 8;
const keyLengthAt = 9;
const keyAt = 13;
const noKey = 0xffffffff;

export interface RecordHead {
  readonly timestampMs: number;
  readonly hasValue: boolean;
  readonly key: Buffer | null;
  readonly headers: Buffer;
}

/** The head of the record that the cursor stands on. */
export function encodeHead(cursor: RecordCursor): Buffer {
  const { bytes, keyStart, keyEnd, headersStart, headersEnd } = cursor;
  const keyBytes = keyStart < 0 ? 0 : keyEnd - keyStart;
  const head = Buffer.allocUnsafe(keyAt + keyBytes + headersEnd - headersStart);
  head.writeDoubleBE(cursor.timestampMs, 0);
  head[hasNoValueAt] = cursor.valueStart < 0 ? 1 : 0;
  head.writeUInt32BE(keyStart < 0 ? noKey : keyBytes, keyLengthAt);
  if (keyBytes > 0) bytes.copy(head, keyAt, keyStart, keyEnd);
  bytes.copy(head, keyAt + keyBytes, headersStart, headersEnd);
  return head;
}

/** Reads a head; views into its bytes. Throws `BATCH_CORRUPT`. */
export function decodeHead(head: Buffer): RecordHead {
  if (head.length <= keyAt) throw corrupt('a head that is cut');
  const keyLength = head.readUInt32BE(keyLengthAt);
  const keyEnd = keyAt + (keyLength === noKey ? 0 : keyLength);
  if (keyEnd >= head.length) throw corrupt('a key that leaves its head');
  return {
    timestampMs: head.readDoubleBE(0),
    hasValue: head[hasNoValueAt] === 0,
    key: keyLength === noKey ? null : head.subarray(keyAt, keyEnd),
    headers: head.subarray(keyEnd),
  };
}
