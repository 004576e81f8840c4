import { setTimeout as pause } from 'node:timers/promises';

import { PinotClient, type PinotConnection } from '../../sinks/pinot/client.ts';
import { tableName } from '../../sinks/pinot/tables.ts';
import { type Shares, sharesOf } from '../shares.ts';

/** Between two looks: a figure is at most so much too high. */
const lookEveryMs = 50;
const patienceMs = 60_000;

/**
 * How long it takes from an event's moment until Pinot counts it: of writes whose events are all of one moment, which no
 * other event has, asked of Pinot's broker by moment.
 */
export class Freshness implements Disposable {
  readonly #client: PinotClient;
  readonly #from: string;
  /** Events that are not counted yet, by their moment. */
  readonly #awaited = new Map<number, number>();
  readonly #foundMs: number[] = [];

  constructor(connection: PinotConnection, prefix: string) {
    this.#client = new PinotClient(connection);
    this.#from = tableName(prefix, 'events');
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  /** To be told before the events are written. */
  expect(eventTimeMs: number, count: number): void {
    this.#awaited.set(eventTimeMs, count);
  }

  /** Looks until `stopped` and everything is counted. */
  async watch(stopped: AbortSignal): Promise<Shares> {
    let lastMs = performance.now();
    while (!stopped.aborted || this.#awaited.size > 0) {
      if (!stopped.aborted) lastMs = performance.now();
      if (performance.now() - lastMs > patienceMs) throw new Error('Pinot does not count what was written');
      await this.#look();
      await pause(lookEveryMs);
    }
    return sharesOf(this.#foundMs);
  }

  async #look(): Promise<void> {
    const oldest = Math.min(...this.#awaited.keys());
    if (!Number.isFinite(oldest)) return;
    const rows = await this.#client.query(
      `SELECT event_time, COUNT(*) FROM ${this.#from} WHERE event_time >= ${oldest} GROUP BY event_time LIMIT 100000`,
    );
    const nowMs = Date.now();
    for (const [moment, count] of rows) {
      if (Number(count) < (this.#awaited.get(Number(moment)) ?? Infinity)) continue;
      this.#awaited.delete(Number(moment));
      this.#foundMs.push(nowMs - Number(moment));
    }
  }
}
