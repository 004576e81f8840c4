/** Smaller buffers may share their memory with others (`Buffer.poolSize`). */
const aloneFromBytes = 4 * Buffer.poolSize;

/**
 * Gives a large buffer's memory back at once. V8 counts memory outside of its heap and collects the whole heap for
 * every 64 MB of it, which costs more than what the buffers held was worth. For a buffer that is its memory's only user
 * and that nobody looks at any more: whoever still does finds it empty. Does nothing for a small or a shared one.
 */
export function freeMemory(bytes: Buffer): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.byteOffset === 0 && buffer.byteLength >= aloneFromBytes) {
    buffer.transfer(0);
  }
}
