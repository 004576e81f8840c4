/** What a copy moves at once. */
export const wordBytes = 8;

/**
 * A buffer with a view on it: `DataView` reads and writes words at any place without a call out of JavaScript, which
 * is what makes short copies and comparisons cheap. A native copy costs about as much as 40 words.
 */
export interface ByteBlock {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Bytes that the view covers: at least those of `bytes`. A field, because asking the view for it is a call. */
  readonly viewBytes: number;
}

export function blockOf(bytes: Uint8Array): ByteBlock {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes: buffer, view, viewBytes: buffer.length };
}

/** A block of a constant, with room for a word behind it, so that it can be copied by whole words. */
export function constantBlock(content: Uint8Array): ByteBlock {
  const padded = Buffer.alloc(content.length + wordBytes);
  padded.set(content);
  const view = new DataView(padded.buffer, padded.byteOffset, padded.length);
  return { bytes: padded.subarray(0, content.length), view, viewBytes: padded.length };
}

/** True where `[start, end)` of the block holds exactly the other block's bytes. */
export function isSame(block: ByteBlock, start: number, end: number, other: ByteBlock): boolean {
  const { length } = other.bytes;
  return end - start === length && areEqual(block, start, other, 0, length);
}

/** True where the `length` bytes from `aStart` and `bStart` on are the same. */
export function areEqual(
  a: ByteBlock,
  aStart: number,
  b: ByteBlock,
  bStart: number,
  length: number,
): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    if (a.view.getInt32(aStart + i, true) !== b.view.getInt32(bStart + i, true)) return false;
  }
  for (; i < length; i++) if (a.bytes[aStart + i] !== b.bytes[bStart + i]) return false;
  return true;
}

/** A hash of `[start, end)`: every byte reaches every bit. Not to be guessed without the seed. */
export function hashOf({ bytes, view }: ByteBlock, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
