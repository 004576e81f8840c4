const uuidLength = 36;
const wordsPerId = 4;
const smallestSlots = 16 * 1024;
const notHex = 255;
const dash = 0x2d;
const digits = new Uint8Array(256).fill(notHex);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  digits[digit.charCodeAt(0)] = value;
  digits[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Tells whether ids of one write differ: UUIDs read in place, in a typed array, without an object an id. */
export class IdTally {
  #table = new Int32Array(smallestSlots * wordsPerId);
  readonly #id = new Int32Array(wordsPerId);
  #used = 0;

  /** Ids that were added since the last `clear`, each once. */
  get size(): number {
    return this.#used;
  }

  clear(): void {
    this.#table.fill(0);
    this.#used = 0;
  }

  /** Adds the UUID whose text begins at `start`; what is none counts for nothing. */
  add(bytes: Buffer, start: number): void {
    if (!this.#read(bytes, start)) return;
    const at = this.#find(this.#table, this.#id, 0);
    if (isTaken(this.#table, at)) return;
    this.#table.set(this.#id, at);
    if (++this.#used * 2 * wordsPerId > this.#table.length) this.#grow();
  }

  #read(bytes: Buffer, start: number): boolean {
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
      if ((++seen & 7) === 0) this.#id[(seen >> 3) - 1] = word;
    }
    return isTaken(this.#id, 0);
  }

  /** The id's slot, or the free one where it belongs. Its bits are a hash already. */
  #find(table: Int32Array, ids: Int32Array, from: number): number {
    const mask = table.length - 1;
    let at = (((ids[from] ?? 0) ^ (ids[from + 3] ?? 0)) * wordsPerId) & mask;
    while (isTaken(table, at) && !isSame(table, at, ids, from)) at = (at + wordsPerId) & mask;
    return at;
  }

  #grow(): void {
    const old = this.#table;
    const grown = new Int32Array(old.length * 2);
    for (let from = 0; from < old.length; from += wordsPerId) {
      if (isTaken(old, from)) grown.set(old.subarray(from, from + wordsPerId), this.#find(grown, old, from));
    }
    this.#table = grown;
  }
}

/** Zeros stand for a free slot, so they are no id. */
function isTaken(ids: Int32Array, at: number): boolean {
  return ((ids[at] ?? 0) | (ids[at + 1] ?? 0) | (ids[at + 2] ?? 0) | (ids[at + 3] ?? 0)) !== 0;
}

function isSame(a: Int32Array, at: number, b: Int32Array, from: number): boolean {
  for (let i = 0; i < wordsPerId; i++) if (a[at + i] !== b[from + i]) return false;
  return true;
}
