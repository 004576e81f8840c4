/** What a copy moves at once. */
export const wordBytes = 8;

/**
 * A buffer with a view on it: `DataView` reads and writes words at any place without a call out of JavaScript, which
 * is what makes short copies and comparisons cheap. A native copy costs about as much as 40 words.
 */
export interface ByteBlock {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function blockOf(bytes: Uint8Array): ByteBlock {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes: buffer, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** A block of a constant, with room for a word behind it, so that it can be copied by whole words. */
export function constantBlock(content: Uint8Array): ByteBlock {
  const padded = Buffer.alloc(content.length + wordBytes);
  padded.set(content);
  const view = new DataView(padded.buffer, padded.byteOffset, padded.length);
  return { bytes: padded.subarray(0, content.length), view };
}

/** True where `[start, end)` of the block holds exactly the other block's bytes. */
export function isSame({ bytes, view }: ByteBlock, start: number, end: number, other: ByteBlock): boolean {
  const count = other.bytes.length;
  if (end - start !== count) return false;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    if (view.getInt32(start + i, true) !== other.view.getInt32(i, true)) return false;
  }
  for (; i < count; i++) if (bytes[start + i] !== other.bytes[i]) return false;
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
