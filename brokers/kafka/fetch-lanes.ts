import type { Clock } from '../../streams/clock.ts';
import type { AssembledBatch } from './batch-assembler.ts';
import type { Fetched, FetchOptions, Place, PlaceOffset } from './client.ts';

/** What a client that reads ahead has brought of one partition, and nobody has fetched yet. */
export class FetchLane implements Place {
  readonly topic: string;
  readonly partition: number;
  /** Where the client goes on; undefined until a fetch has said from where. */
  readOffset: number | undefined;
  /** Bytes of the batches in hand. */
  sizeBytes = 0;

  #held: AssembledBatch[] = [];
  #takenOffset = -1;
  #batchOffset = -1;

  constructor(place: Place) {
    this.topic = place.topic;
    this.partition = place.partition;
  }

  /** Whether a fetch from `offset` goes on where the last one ended, so that what is in hand answers it. */
  continuesAt(offset: number): boolean {
    if (this.readOffset === undefined) return false;
    return offset === this.#takenOffset || (offset === this.#batchOffset && offset >= 0);
  }

  /** Forgets what is in hand: the client reads from `offset` next. */
  restart(offset: number): void {
    this.#held = [];
    this.sizeBytes = 0;
    this.readOffset = offset;
    this.#takenOffset = offset;
    this.#batchOffset = -1;
  }

  /** Takes in batches that the client read; it goes on at `nextOffset`. */
  push(batches: readonly AssembledBatch[], nextOffset: number): void {
    for (const held of batches) {
      this.#held.push(held);
      this.sizeBytes += held.batch.length;
    }
    this.readOffset = nextOffset;
  }

  /** Whether there is anything to tell: batches, or offsets that hold nothing for us. */
  get hasNews(): boolean {
    return this.#held.length > 0 || (this.readOffset !== undefined && this.readOffset > this.#takenOffset);
  }

  /** At least one batch where there is any, at most about `maxBytes`. */
  take(maxBytes: number): Fetched {
    const batches: Buffer[] = [];
    let bytes = 0;
    let end = this.#takenOffset;
    while (this.#held[0] !== undefined && (batches.length === 0 || bytes < maxBytes)) {
      const { batch, endOffset } = this.#held[0];
      this.#held.shift();
      batches.push(batch);
      bytes += batch.length;
      end = endOffset;
    }
    this.sizeBytes -= bytes;
    this.#batchOffset = end;
    if (this.#held.length === 0) end = Math.max(end, this.readOffset ?? end);
    this.#takenOffset = end;
    return { topic: this.topic, partition: this.partition, batches, nextOffset: end };
  }
}

/** A client that brings records on its own account: `FetchLanes` tells it from where, and of what not. */
export interface ReadAhead {
  /** Read on from here; what was read before and not pushed yet is void. */
  seek(from: PlaceOffset): void;
  /** Stop reading the partition; a later `resume` goes on where it was. */
  pause(place: Place): void;
  resume(place: Place): void;
}

const laneName = (place: Place): string => `${place.topic}/${place.partition}`;

/**
 * Gives a client that pushes records the shape of one that is asked for them. What is in hand is bounded: a
 * partition is paused while it holds `pauseFromBytes`.
 */
export class FetchLanes {
  readonly #lanes = new Map<string, FetchLane>();
  readonly #client: ReadAhead;
  readonly #clock: Clock;
  readonly #pauseFromBytes: number;
  readonly #paused = new Set<string>();
  #wake: () => void = () => undefined;

  constructor(client: ReadAhead, clock: Clock, pauseFromBytes = 2 * 1024 * 1024) {
    this.#client = client;
    this.#clock = clock;
    this.#pauseFromBytes = pauseFromBytes;
  }

  /** The partition's lane; undefined where it is not the client's now. */
  lane(place: Place): FetchLane | undefined {
    return this.#lanes.get(laneName(place));
  }

  get lanes(): readonly FetchLane[] {
    return [...this.#lanes.values()];
  }

  /** The client may read these from now on: paused, until a fetch says from where. */
  add(places: readonly Place[]): void {
    for (const place of places) {
      this.#lanes.set(laneName(place), new FetchLane(place));
      this.#paused.add(laneName(place));
    }
    this.wake();
  }

  remove(places: readonly Place[]): void {
    for (const place of places) {
      this.#lanes.delete(laneName(place));
      this.#paused.delete(laneName(place));
    }
    this.wake();
  }

  /** Takes in what the client read, and pauses the partition where that is enough. */
  push(lane: FetchLane, batches: readonly AssembledBatch[], nextOffset: number): void {
    lane.push(batches, nextOffset);
    if (lane.sizeBytes >= this.#pauseFromBytes) this.#pause(lane);
    if (lane.hasNews) this.wake();
  }

  /** Lets a fetch that waits look again. */
  wake(): void {
    this.#wake();
  }

  /** See `KafkaReader.fetch`. */
  async fetch(from: readonly PlaceOffset[], options: FetchOptions): Promise<readonly Fetched[]> {
    if (options.signal.aborted) return [];
    const wanted = this.#prepare(from);
    if (!wanted.some((lane) => lane.hasNews)) await this.#wait(wanted, options);
    return options.signal.aborted ? [] : this.#take(wanted, options.maxBytes);
  }

  async #wait(wanted: readonly FetchLane[], { maxWaitMs, signal }: FetchOptions): Promise<void> {
    const over = new AbortController();
    const waiting = AbortSignal.any([signal, over.signal]);
    this.#wake = () => {
      if (wanted.some((lane) => lane.hasNews || this.lane(lane) !== lane)) over.abort();
    };
    await this.#clock.sleep(maxWaitMs, waiting);
  }

  #prepare(from: readonly PlaceOffset[]): readonly FetchLane[] {
    const wanted: FetchLane[] = [];
    for (const place of from) {
      const lane = this.lane(place);
      if (lane === undefined) continue;
      if (!lane.continuesAt(place.offset)) {
        lane.restart(place.offset);
        this.#client.seek(place);
      }
      wanted.push(lane);
      if (lane.sizeBytes < this.#pauseFromBytes) this.#resume(lane);
    }
    return wanted;
  }

  #take(wanted: readonly FetchLane[], maxBytes: number): readonly Fetched[] {
    const fetched: Fetched[] = [];
    let left = maxBytes;
    for (const lane of wanted) {
      if (!lane.hasNews || this.lane(lane) !== lane) continue;
      const taken = lane.take(left);
      left = Math.max(0, left - taken.batches.reduce((sum, batch) => sum + batch.length, 0));
      fetched.push(taken);
    }
    return fetched;
  }

  #pause(lane: FetchLane): void {
    const name = laneName(lane);
    if (this.#paused.has(name)) return;
    this.#paused.add(name);
    this.#client.pause(lane);
  }

  #resume(lane: FetchLane): void {
    const name = laneName(lane);
    if (!this.#paused.delete(name)) return;
    this.#client.resume(lane);
  }
}
