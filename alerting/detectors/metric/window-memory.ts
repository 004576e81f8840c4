import type { StateReader, StateWriter } from './state-bytes.ts';

/** What a memory of windows keeps: `capacity` windows of `length` values each, and how novel one must be to stay. */
export interface WindowMemoryOptions {
  readonly length: number;
  readonly capacity: number;
  /** A window is kept where its distance was over this share of the typical distance: repeats need no room. */
  readonly keepOver: number;
  /** Distances after which an earlier one counts half in the typical one. */
  readonly halfLife: number;
}

const keptAnyway = 20;
/** Windows that there is room for at first: most series repeat themselves and never need the whole capacity. */
const firstRoom = 8;

/**
 * The windows of a series that were novel when they came, and the distance of a new one to the nearest of them. The
 * latest window joins only once it shares no value with the present one. Nearest-neighbour novelty after Burnaev and
 * Ishimtsev, "Conformalized density- and distance-based anomaly detection", 2016; keeping novel windows alone lets a
 * few hundred of them cover weeks.
 */
export class WindowMemory {
  readonly #options: WindowMemoryOptions;
  readonly #keep: number;
  /** Room for some of `capacity` windows; doubles when it is full. */
  #kept: Float32Array;
  #keptCount = 0;
  #next = 0;
  /** The last `2 * length` values, oldest first: the present window and the one that waits to join. */
  readonly #recent: Float32Array;
  #recentCount = 0;
  /** Whether the windows that ended 0, 1 … `length` values ago were novel. */
  readonly #novel: Float32Array;
  #squares = 0;
  #distances = 0;

  constructor(options: WindowMemoryOptions) {
    this.#options = options;
    this.#keep = 2 ** (-1 / options.halfLife);
    this.#kept = new Float32Array(0);
    this.#recent = new Float32Array(2 * options.length);
    this.#novel = new Float32Array(options.length + 1);
  }

  /** What `write` takes. */
  get sizeBytes(): number {
    const { length } = this.#options;
    return 4 * (this.#keptCount * length + 3 * length + 1) + 8 * 5;
  }

  /** Root mean square of the distances so far; 0 before the first. */
  get typicalDistance(): number {
    return this.#distances === 0 ? 0 : Math.sqrt(this.#squares / this.#distances);
  }

  /** Forgets what the present window holds: what comes next does not follow on it. */
  restartWindow(): void {
    this.#recentCount = 0;
    this.#novel.fill(0);
  }

  /**
   * Takes the next value and gives the root mean square distance, per value, of the present window to the nearest one
   * kept; 0 while there is none. `least` is the smallest distance that counts as one.
   */
  observe(value: number, least: number): number {
    const { length, keepOver } = this.#options;
    this.#recent.copyWithin(0, 1);
    this.#recent[2 * length - 1] = value;
    this.#recentCount = Math.min(this.#recentCount + 1, 2 * length);
    this.#novel.copyWithin(1, 0);
    if (this.#recentCount < length) {
      this.#novel[0] = 0;
      return 0;
    }
    const distance = this.#nearest();
    this.#novel[0] =
      this.#keptCount < keptAnyway || distance > keepOver * Math.max(this.typicalDistance, least) ? 1 : 0;
    this.#squares = this.#squares * this.#keep + distance * distance;
    this.#distances = this.#distances * this.#keep + 1;
    if (this.#recentCount === 2 * length) this.#keepOldest();
    return distance;
  }

  #nearest(): number {
    if (this.#keptCount === 0) return 0;
    const { length } = this.#options;
    const kept = this.#kept;
    const recent = this.#recent;
    const end = this.#keptCount * length;
    let best = Infinity;
    for (let start = 0; start < end; start += length) {
      let sum = 0;
      for (let j = 0; j < length && sum < best; j++) {
        const difference = (kept[start + j] as number) - (recent[length + j] as number);
        sum += difference * difference;
      }
      if (sum < best) best = sum;
    }
    return Math.sqrt(best / length);
  }

  /** The window that ended `length` values ago joins, if it was novel then. */
  #keepOldest(): void {
    const { length, capacity } = this.#options;
    if (this.#novel[length] !== 1 && this.#keptCount >= keptAnyway) return;
    this.#makeRoom(this.#next + 1);
    this.#kept.set(this.#recent.subarray(0, length), this.#next * length);
    this.#next = (this.#next + 1) % capacity;
    this.#keptCount = Math.min(this.#keptCount + 1, capacity);
  }

  #makeRoom(windows: number): void {
    const { length, capacity } = this.#options;
    const room = this.#kept.length / length;
    if (windows <= room) return;
    const grown = new Float32Array(Math.min(capacity, Math.max(windows, 2 * room, firstRoom)) * length);
    grown.set(this.#kept);
    this.#kept = grown;
  }

  write(writer: StateWriter): void {
    writer.float64(this.#keptCount);
    writer.float64(this.#next);
    writer.float64(this.#recentCount);
    writer.float64(this.#squares);
    writer.float64(this.#distances);
    writer.float32s(this.#kept, this.#keptCount * this.#options.length);
    writer.float32s(this.#recent, this.#recent.length);
    writer.float32s(this.#novel, this.#novel.length);
  }

  read(reader: StateReader): void {
    const { length, capacity } = this.#options;
    this.#keptCount = reader.whole(capacity);
    this.#next = reader.whole(capacity - 1);
    this.#recentCount = reader.whole(2 * length);
    this.#squares = reader.float64();
    this.#distances = reader.float64();
    this.#makeRoom(this.#keptCount);
    reader.float32s(this.#kept, this.#keptCount * length);
    reader.float32s(this.#recent, this.#recent.length);
    reader.float32s(this.#novel, this.#novel.length);
  }
}
