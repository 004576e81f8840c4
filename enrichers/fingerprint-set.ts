const slotWords = 4;
const maxLoad = 0.75;
const minSlots = 64;
/** Slots for each live id after a rebuild: 32 bytes an id then, 21 when the next one is due. */
const slotsPerLive = 2;

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
  readonly #tables: Int32Array[] = [];
  /** A byte for each slot: 0 where it is empty, else some of the id's hash. Small enough to stay in the cache. */
  readonly #tags: Uint8Array[] = [];
  readonly #used = new Int32Array(256);
  #nowSeconds = 0;

  constructor(options: { readonly windowMs: number; readonly seed: number }) {
    this.#windowSeconds = Math.ceil(options.windowMs / 1000);
    this.#seed = options.seed | 0;
    for (let i = 0; i < 256; i++) {
      this.#tables.push(new Int32Array(minSlots * slotWords));
      this.#tags.push(new Uint8Array(minSlots));
    }
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
      sizeBytes += (this.#tables[i]?.byteLength ?? 0) + (this.#tags[i]?.byteLength ?? 0);
    }
    return { entries, sizeBytes };
  }

  #put(a: number, b: number, c: number, atSeconds: number): boolean {
    const hash = mix(a ^ this.#seed, b);
    const shard = hash >>> 24;
    const table = this.#tables[shard] as Int32Array;
    const tags = this.#tags[shard] as Uint8Array;
    const slots = tags.length;
    const tag = tagOf(hash, c);
    let slot = slotOf(hash, slots);
    for (let found = tags[slot] as number; found !== 0; found = tags[slot] as number) {
      const at = slot << 2;
      if (found === tag && table[at] === a && table[at + 1] === b && table[at + 2] === c) {
        if (atSeconds - (table[at + 3] as number) < this.#windowSeconds) return false;
        table[at + 3] = atSeconds;
        return true;
      }
      if (++slot === slots) slot = 0;
    }
    const at = slot << 2;
    tags[slot] = tag;
    table[at] = a;
    table[at + 1] = b;
    table[at + 2] = c;
    table[at + 3] = atSeconds;
    this.#count(shard, slots);
    return true;
  }

  #count(shard: number, slots: number): void {
    const used = (this.#used[shard] ?? 0) + 1;
    this.#used[shard] = used;
    if (used > slots * maxLoad) this.#rebuild(shard);
  }

  /** Copies what is still in the window into a table of the size that it needs. */
  #rebuild(shard: number): void {
    const old = this.#tables[shard] as Int32Array;
    const oldTags = this.#tags[shard] as Uint8Array;
    const expiredUpTo = this.#nowSeconds - this.#windowSeconds;
    const isLive = (slot: number): boolean =>
      oldTags[slot] !== 0 && (old[(slot << 2) + 3] as number) > expiredUpTo;
    let live = 0;
    for (let slot = 0; slot < oldTags.length; slot++) if (isLive(slot)) live++;
    const slots = Math.max(minSlots, Math.floor(live * slotsPerLive));
    const table = new Int32Array(slots * slotWords);
    const tags = new Uint8Array(slots);
    for (let from = 0; from < oldTags.length; from++) {
      if (!isLive(from)) continue;
      const at = from << 2;
      let slot = slotOf(mix((old[at] as number) ^ this.#seed, old[at + 1] as number), slots);
      while (tags[slot] !== 0) if (++slot === slots) slot = 0;
      tags[slot] = oldTags[from] as number;
      for (let word = 0; word < slotWords; word++) table[(slot << 2) + word] = old[at + word] as number;
    }
    this.#tables[shard] = table;
    this.#tags[shard] = tags;
    this.#used[shard] = live;
  }
}

/** Where an id's probing begins: the hash's lower 24 bits, its upper 8 have chosen the shard. Any number of slots. */
function slotOf(hash: number, slots: number): number {
  return Math.floor(((hash & 0xffffff) * slots) / 0x1000000);
}

/** Never 0. The id's third word takes no part in the hash, so that it tells ids of one slot apart. */
function tagOf(hash: number, c: number): number {
  return ((hash ^ c ^ (c >>> 16)) & 0xff) | 1;
}

/** Two words to one, every input bit reaching every output bit (the finalizer of MurmurHash3). */
function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x85ebca6b) ^ b;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
