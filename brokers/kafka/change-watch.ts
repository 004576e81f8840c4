import type { Clock } from '../../streams/clock.ts';
import type { KafkaClient, KafkaReader, Place } from './client.ts';
import { longestSleepMs } from './sleep.ts';

export interface ChangeWatchDeps {
  readonly clock: Clock;
  readonly client: KafkaClient;
  /** The partitions of a topic, under the names of the brokers. */
  readonly placesOf: (topic: string) => readonly Place[];
}

const fetchWaitMs = 500;
const pauseMs = 200;

/**
 * Lets readers wait for commits: of this process at once, of others by a fetch that waits at the brokers. The ends
 * are remembered between calls, so nothing is missed; a topic that was not watched before counts as changed.
 */
export class ChangeWatch {
  readonly #deps: ChangeWatchDeps;
  readonly #ends = new Map<string, number>();
  readonly #waiting = new Map<() => void, readonly string[]>();
  readonly #closed = new AbortController();
  #reader: KafkaReader | undefined;
  #watching: Promise<void> | undefined;

  constructor(deps: ChangeWatchDeps) {
    this.#deps = deps;
  }

  async wait(topics: readonly string[], maxWaitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closed.signal.aborted) return;
    const over = new AbortController();
    const wake = (): void => over.abort();
    this.#waiting.set(wake, topics);
    this.#watching ??= this.#watch().finally(() => {
      this.#watching = undefined;
    });
    const ended = AbortSignal.any([signal, over.signal, this.#closed.signal]);
    await this.#deps.clock.sleep(Math.min(maxWaitMs, longestSleepMs), ended);
    this.#waiting.delete(wake);
  }

  /** Wakes all who wait: this process has committed. */
  notify(): void {
    for (const wake of [...this.#waiting.keys()]) wake();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#watching;
    await this.#reader?.[Symbol.asyncDispose]();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed;
    // Once more after the last one has gone: who waits next finds ends that are not old.
    while (this.#waiting.size > 0 && !signal.aborted) {
      try {
        await this.#look();
      } catch {
        // The brokers are away: nothing can be committed, and whoever reads is told by the reading.
        await this.#deps.clock.sleep(pauseMs, signal);
      }
    }
  }

  async #look(): Promise<void> {
    const { client, placesOf } = this.#deps;
    const places = [...new Set([...this.#waiting.values()].flat())].flatMap(placesOf);
    const known = places.filter((place) => this.#ends.has(keyOf(place)));
    const isNew = known.length < places.length;
    if (!isNew) {
      this.#reader ??= client.reader();
      const from = known.map((place) => ({ ...place, offset: this.#ends.get(keyOf(place)) ?? 0 }));
      const options = { maxWaitMs: fetchWaitMs, maxBytes: 1, signal: this.#closed.signal };
      if ((await this.#reader.fetch(from, options)).length === 0) return;
    }
    for (const end of await client.offsets(places, 'latest')) this.#ends.set(keyOf(end), end.offset);
    this.notify();
  }
}

function keyOf({ topic, partition }: Place): string {
  return `${partition} ${topic}`;
}
