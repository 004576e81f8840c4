import { areEqual, type ByteBlock, blockOf, hashOf } from './byte-block.ts';

const slotWords = 3;
const maxLoad = 0.7;

/**
 * Values by a key of bytes that need not become a string first. Keys lie behind each other in one buffer; a slot is
 * the key's hash, where it begins, and the place of its value. What is deleted keeps its key.
 */
export class ByteMap<V> {
  readonly #seed: number;
  #slots = new Int32Array(64 * slotWords);
  #values: (V | undefined)[] = [];
  #keys = blockOf(Buffer.allocUnsafeSlow(4096));
  #keysLength = 0;
  /** Where each key ends; it begins where the one before ends. */
  #ends: number[] = [];

  /** A secret seed keeps whoever chooses the keys from making them collide. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  get(source: ByteBlock, start: number, end: number): V | undefined {
    const slot = this.#find(source, start, end);
    const index = this.#slots[slot + 1] ?? 0;
    return index === 0 ? undefined : this.#values[index - 1];
  }

  /** Undefined deletes. */
  set(source: ByteBlock, start: number, end: number, value: V | undefined): void {
    const slot = this.#find(source, start, end);
    const index = this.#slots[slot + 1] ?? 0;
    if (index === 0) this.#insert(slot, source, start, end, value);
    else this.#values[index - 1] = value;
  }

  /** The slot that holds the key, or the empty one where it belongs. */
  #find(source: ByteBlock, start: number, end: number): number {
    const slots = this.#slots;
    const hash = hashOf(source, start, end, this.#seed);
    const size = slots.length / slotWords;
    for (let at = hash & (size - 1); ; at = (at + 1) & (size - 1)) {
      const slot = at * slotWords;
      const index = slots[slot + 1] ?? 0;
      if (index === 0) {
        this.#hash = hash;
        return slot;
      }
      if (
        slots[slot] === hash &&
        this.#isKey(slots[slot + 2] ?? 0, this.#ends[index - 1] ?? 0, source, start, end)
      ) {
        return slot;
      }
    }
  }

  /** The hash of the key that `#find` did not find. */
  #hash = 0;

  #isKey(keyStart: number, keyEnd: number, source: ByteBlock, start: number, end: number): boolean {
    return keyEnd - keyStart === end - start && areEqual(this.#keys, keyStart, source, start, end - start);
  }

  #insert(slot: number, source: ByteBlock, start: number, end: number, value: V | undefined): void {
    const keyStart = this.#keysLength;
    const keyEnd = keyStart + end - start;
    if (keyEnd > this.#keys.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(keyEnd, this.#keys.bytes.length * 2));
      this.#keys.bytes.copy(grown, 0, 0, keyStart);
      this.#keys = blockOf(grown);
    }
    source.bytes.copy(this.#keys.bytes, keyStart, start, end);
    this.#keysLength = keyEnd;
    this.#values.push(value);
    this.#ends.push(keyEnd);
    this.#slots[slot] = this.#hash;
    this.#slots[slot + 1] = this.#values.length;
    this.#slots[slot + 2] = keyStart;
    if (this.#values.length > (this.#slots.length / slotWords) * maxLoad) this.#grow();
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length / slotWords - 1;
    for (let from = 0; from < old.length; from += slotWords) {
      if (old[from + 1] === 0) continue;
      let at = (old[from] ?? 0) & mask;
      while (slots[at * slotWords + 1] !== 0) at = (at + 1) & mask;
      for (let word = 0; word < slotWords; word++) slots[at * slotWords + word] = old[from + word] ?? 0;
    }
    this.#slots = slots;
  }
}
