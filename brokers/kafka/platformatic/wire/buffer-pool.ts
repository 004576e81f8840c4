const stepBytes = 256 * 1024;
/** What lies idle beyond this goes to the garbage collector. */
const mostIdleBytes = 32 * 1024 * 1024;

/**
 * Large buffers to use again. To allocate them anew costs little by itself, but memory outside of its heap makes V8
 * collect garbage: each 16 MB of fetched batches would cost a whole collection.
 */
export class BufferPool {
  #idle: Buffer[] = [];
  #idleBytes = 0;

  /** At least so many bytes, whatever they hold. */
  take(sizeBytes: number): Buffer {
    let best = -1;
    for (const [i, { length }] of this.#idle.entries()) {
      const isBetter = best < 0 || length < (this.#idle[best]?.length ?? 0);
      if (length >= sizeBytes && isBetter) best = i;
    }
    const [found] = best < 0 ? [] : this.#idle.splice(best, 1);
    if (found === undefined) return Buffer.allocUnsafeSlow(Math.ceil(sizeBytes / stepBytes) * stepBytes);
    this.#idleBytes -= found.length;
    return found;
  }

  /** Nobody looks at the buffer any more: it will be overwritten. */
  give(buffer: Buffer): void {
    if (this.#idleBytes + buffer.length > mostIdleBytes) return;
    this.#idle.push(buffer);
    this.#idleBytes += buffer.length;
  }
}
