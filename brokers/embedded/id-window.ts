/** An id is 128 bits: four words in an array, behind each other. */
export const wordsPerId = 4;
const shardBits = 6;
const smallestShardSlots = 64;
const maxLoad = 0.7;

/**
 * One set of ids, open-addressed in typed arrays: 16 bytes an id, where a Map of strings takes ten times
 * that. It is split into shards that grow each by itself, so that no insertion ever waits for a large copy.
 * The seed keeps senders, who choose ids, from aiming at one slot.
 */
class IdSet {
  readonly #shards: Uint32Array[];
  readonly #counts: Int32Array;
  readonly #seed: number;

  /** Has room for `expectedIds` from the start. */
  constructor(seed: number, expectedIds: number) {
    this.#seed = seed;
    const shards = 1 << shardBits;
    let slots = smallestShardSlots;
    while (slots * maxLoad * shards < expectedIds) slots *= 2;
    this.#shards = Array.from({ length: shards }, () => new Uint32Array(slots * wordsPerId));
    this.#counts = new Int32Array(shards);
  }

  has(ids: Uint32Array, at: number): boolean {
    const hash = this.#hash(ids, at);
    const shard = this.#shards[hash >>> (32 - shardBits)] ?? noShard;
    return occupied(shard, find(shard, hash, ids, at));
  }

  get size(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Zeros are no id: adding them does nothing. */
  add(ids: Uint32Array, at: number): void {
    if (!occupied(ids, at)) return;
    const hash = this.#hash(ids, at);
    const index = hash >>> (32 - shardBits);
    let shard = this.#shards[index] ?? noShard;
    const count = (this.#counts[index] ?? 0) + 1;
    if (count * wordsPerId > shard.length * maxLoad) shard = this.#shards[index] = this.#grown(shard);
    const slot = find(shard, hash, ids, at);
    if (occupied(shard, slot)) return;
    copyId(ids, at, shard, slot);
    this.#counts[index] = count;
  }

  /** Removes an id and closes the gap it leaves in its run (Knuth, volume 3, 6.4, algorithm R). */
  remove(ids: Uint32Array, at: number): void {
    const hash = this.#hash(ids, at);
    const index = hash >>> (32 - shardBits);
    const shard = this.#shards[index] ?? noShard;
    const mask = shard.length - 1;
    let gap = find(shard, hash, ids, at);
    if (!occupied(shard, gap)) return;
    this.#counts[index] = (this.#counts[index] ?? 1) - 1;
    for (let next = (gap + wordsPerId) & mask; occupied(shard, next); next = (next + wordsPerId) & mask) {
      const home = (this.#hash(shard, next) * wordsPerId) & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      copyId(shard, next, shard, gap);
      gap = next;
    }
    shard.fill(0, gap, gap + wordsPerId);
  }

  #grown(shard: Uint32Array): Uint32Array {
    const grown = new Uint32Array(shard.length * 2);
    for (let at = 0; at < shard.length; at += wordsPerId) {
      if (occupied(shard, at)) copyId(shard, at, grown, find(grown, this.#hash(shard, at), shard, at));
    }
    return grown;
  }

  /** The finalizer of MurmurHash3 (Austin Appleby, public domain) over each word in turn. */
  #hash(ids: Uint32Array, at: number): number {
    let hash = this.#seed;
    for (let i = at; i < at + wordsPerId; i++) {
      hash ^= ids[i] ?? 0;
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
    return hash >>> 0;
  }
}

const noShard = new Uint32Array(wordsPerId);

/** Zeros stand for a free slot, so they are no id. */
function occupied(ids: Uint32Array, at: number): boolean {
  return ((ids[at] ?? 0) | (ids[at + 1] ?? 0) | (ids[at + 2] ?? 0) | (ids[at + 3] ?? 0)) !== 0;
}

function sameId(ids: Uint32Array, at: number, others: Uint32Array, otherAt: number): boolean {
  return (
    ids[at] === others[otherAt] &&
    ids[at + 1] === others[otherAt + 1] &&
    ids[at + 2] === others[otherAt + 2] &&
    ids[at + 3] === others[otherAt + 3]
  );
}

function copyId(from: Uint32Array, fromAt: number, to: Uint32Array, toAt: number): void {
  for (let i = 0; i < wordsPerId; i++) to[toAt + i] = from[fromAt + i] ?? 0;
}

/** The slot that holds the id, or the free one where it belongs. */
function find(shard: Uint32Array, hash: number, ids: Uint32Array, at: number): number {
  const mask = shard.length - 1;
  let slot = (hash * wordsPerId) & mask;
  while (occupied(shard, slot) && !sameId(shard, slot, ids, at)) slot = (slot + wordsPerId) & mask;
  return slot;
}

/**
 * The ids of the last while: an id is remembered for at least `windowMs` and at most twice that, in two
 * generations of which the older is dropped whole. Time is given by the caller and may stand still.
 */
export class IdWindow {
  readonly #windowMs: number;
  readonly #seed: number;
  #current: IdSet;
  #previous: IdSet;
  #turnsAtMs: number | undefined;

  /** `expectedIds`: about how many are going to be restored. */
  constructor(windowMs: number, seed: number, expectedIds = 0) {
    this.#windowMs = windowMs;
    this.#seed = seed;
    this.#current = new IdSet(seed, 0);
    this.#previous = new IdSet(seed, expectedIds);
  }

  /** Drops what is older than the window. Call it before looking, with times that do not fall. */
  turn(nowMs: number): void {
    this.#turnsAtMs ??= nowMs + this.#windowMs;
    if (nowMs < this.#turnsAtMs) return;
    const missedOne = nowMs >= this.#turnsAtMs + this.#windowMs;
    const expectedIds = missedOne ? 0 : this.#current.size;
    this.#previous = missedOne ? new IdSet(this.#seed, 0) : this.#current;
    this.#current = new IdSet(this.#seed, expectedIds);
    this.#turnsAtMs = (missedOne ? nowMs : this.#turnsAtMs) + this.#windowMs;
  }

  /** Whether the id at `ids[at, at + 4)` is remembered. */
  has(ids: Uint32Array, at: number): boolean {
    return this.#current.has(ids, at) || this.#previous.has(ids, at);
  }

  add(ids: Uint32Array, at: number): void {
    this.#current.add(ids, at);
  }

  /** Takes back an id that was just added. */
  remove(ids: Uint32Array, at: number): void {
    this.#current.remove(ids, at);
  }

  /** Adds an id of some time ago: it goes at the next turn. */
  restore(ids: Uint32Array, at: number): void {
    this.#previous.add(ids, at);
  }
}
