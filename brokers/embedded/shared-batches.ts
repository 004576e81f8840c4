import type { StoredBatch } from './lane.ts';

/**
 * Lets readers that follow each other closely, or the writer, share what they read: a batch never changes, so all of them
 * get the first one's object, and what is derived from its bytes (the inflated records) is derived once.
 */
export class SharedBatches {
  readonly #limitBytes: number;
  readonly #recent = new Map<number, StoredBatch>();
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The batch that begins at this offset, where an earlier reader got it or it was written here. */
  beginningAt(offset: number): StoredBatch | undefined {
    return this.#recent.get(offset);
  }

  /** The batch of these offsets that an earlier reader got, or this one. */
  share(batch: StoredBatch): StoredBatch {
    if (batch.bytes.length > this.#limitBytes) return batch;
    const known = this.#recent.get(batch.firstOffset);
    if (known?.nextOffset === batch.nextOffset) return known;
    this.#recent.set(batch.firstOffset, batch);
    this.#sizeBytes += batch.bytes.length - (known?.bytes.length ?? 0);
    for (const [offset, oldest] of this.#recent) {
      if (this.#sizeBytes <= this.#limitBytes) break;
      this.#recent.delete(offset);
      this.#sizeBytes -= oldest.bytes.length;
    }
    return batch;
  }
}
