const slotWords = 4;
const maxLoad = 0.75;
const minSlots = 64;
/** Slots for each live id after a rebuild, which doubles a table that only grows: 43 bytes an id then, 21 before it. */
const slotsPerLive = 8 / 3;

/** How much a set holds. */
export interface FingerprintSetStats {
  readonly entries: number;
  readonly sizeBytes: number;
}

/**
 * Ids seen lately: 96 bits of each with the second it was seen, 16 bytes a slot in typed arrays, open
 * addressing with linear probing. Split in 256 shards so that growing or expiring one stops nobody for long:
 * old entries go when their shard is rebuilt. With 10 million ids, two different ones are taken for equal
 * with a probability of about 10^-15.
 *
 * The words come from a hash an attacker can compute, so a secret seed decides the shard and the slot.
 */
export class FingerprintSet {
  readonly #windowSeconds: number;
  readonly #seed: number;
  /** A shard's slots come with its first id. */
  readonly #tables: (Int32Array | undefined)[] = new Array<undefined>(256).fill(undefined);
  readonly #used = new Int32Array(256);
  #nowSeconds = 0;

  constructor(options: { readonly windowMs: number; readonly seed: number }) {
    this.#windowSeconds = Math.ceil(options.windowMs / 1000);
    this.#seed = options.seed | 0;
  }

  /** Moves the set's clock forward, never back: seconds since the epoch of the newest event. */
  advance(nowSeconds: number): void {
    if (nowSeconds > this.#nowSeconds) this.#nowSeconds = nowSeconds;
  }

  get nowSeconds(): number {
    return this.#nowSeconds;
  }

  /** True where the id is new, or was last seen a window ago: it is remembered from now. */
  add(a: number, b: number, c: number): boolean {
    return this.#put(a, b, c, this.#nowSeconds);
  }

  /** Puts back an id seen at `atSeconds`: entries of the changelog, in any order. */
  restore(a: number, b: number, c: number, atSeconds: number): void {
    this.advance(atSeconds);
    this.#put(a, b, c, atSeconds);
  }

  stats(): FingerprintSetStats {
    let entries = 0;
    let sizeBytes = 0;
    for (let i = 0; i < 256; i++) {
      entries += this.#used[i] ?? 0;
      sizeBytes += this.#tables[i]?.byteLength ?? 0;
    }
    return { entries, sizeBytes };
  }

  #put(a: number, b: number, c: number, atSeconds: number): boolean {
    const hash = mix(a ^ this.#seed, b);
    const shard = hash >>> 24;
    const table = (this.#tables[shard] ??= new Int32Array(minSlots * slotWords));
    const slots = table.length >> 2;
    let slot = slotOf(hash, slots);
    for (;;) {
      const at = slot << 2;
      const seenSeconds = table[at + 3] as number;
      if (seenSeconds === 0) {
        table[at] = a;
        table[at + 1] = b;
        table[at + 2] = c;
        table[at + 3] = Math.max(1, atSeconds);
        this.#count(shard, table);
        return true;
      }
      if (table[at] === a && table[at + 1] === b && table[at + 2] === c) {
        if (atSeconds - seenSeconds < this.#windowSeconds) return false;
        table[at + 3] = atSeconds;
        return true;
      }
      if (++slot === slots) slot = 0;
    }
  }

  #count(shard: number, table: Int32Array): void {
    const used = (this.#used[shard] ?? 0) + 1;
    this.#used[shard] = used;
    if (used > (table.length >> 2) * maxLoad) this.#rebuild(shard);
  }

  /** Copies what is still in the window into a table of the size that it needs. */
  #rebuild(shard: number): void {
    const old = this.#tables[shard] ?? new Int32Array(0);
    const expiredUpTo = this.#nowSeconds - this.#windowSeconds;
    let live = 0;
    for (let at = 3; at < old.length; at += slotWords) if ((old[at] as number) > expiredUpTo) live++;
    const slots = Math.max(minSlots, Math.ceil(live * slotsPerLive));
    const table = new Int32Array(slots * slotWords);
    for (let at = 0; at < old.length; at += slotWords) {
      const seenSeconds = old[at + 3] as number;
      if (seenSeconds === 0 || seenSeconds <= expiredUpTo) continue;
      let slot = slotOf(mix((old[at] as number) ^ this.#seed, old[at + 1] as number), slots);
      while (table[(slot << 2) + 3] !== 0) if (++slot === slots) slot = 0;
      for (let word = 0; word < slotWords; word++) table[(slot << 2) + word] = old[at + word] as number;
    }
    this.#tables[shard] = table;
    this.#used[shard] = live;
  }
}

/** Where an id's probing begins: the hash's lower 24 bits, its upper 8 have chosen the shard. Any number of slots. */
function slotOf(hash: number, slots: number): number {
  return Math.floor(((hash & 0xffffff) * slots) / 0x1000000);
}

/** Two words to one, every input bit reaching every output bit (the finalizer of MurmurHash3). */
function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x85ebca6b) ^ b;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
