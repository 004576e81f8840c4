import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isRetryable } from '../../contracts/errors.ts';
import { createEmbeddedEventStore, type EmbeddedEventStore } from '../../sinks/embedded/event-store.ts';
import { createSystemClock } from '../../streams/clock.ts';
import type { SinkBatch } from '../../streams/sink.ts';
import type { BenchReport } from '../report.ts';
import { sharesOf } from '../shares.ts';
import { plansOf } from './duckdb-plans.ts';
import { type EventThread, startEventThread } from './event-thread.ts';
import { questionsOver } from './questions.ts';
import { type Answered, higher, lower, queryReport } from './query-report.ts';
import { scope } from './stored-events.ts';

/** What is asked, of how much. */
export interface QuerySize {
  readonly events: number;
  readonly ratePerSecond: number;
  readonly rounds: number;
  readonly devices: number;
  readonly hours: number;
}

const clock = createSystemClock();
const { signal } = new AbortController();
const batchEvents = 20_000;
/** As `run-sink.ts` has it. */
const flushEvents = 40_960;

/** Fills the embedded store, and asks it while events are written. `plans` is how DuckDB goes about each question. */
export async function measureEmbedded(
  size: QuerySize,
  { file, withPlans }: { readonly file: string | undefined; readonly withPlans: boolean },
): Promise<{ readonly report: BenchReport; readonly plans: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'openframe-query-bench-'));
  const path = file ?? join(folder, 'events.duckdb');
  const isFilled = existsSync(path);
  // Numbers of a former run are not given again: what has them would be no new row.
  const first = isFilled ? Date.now() : 0;
  try {
    await using source = startEventThread({ devices: size.devices, seed: 7, first });
    const store = await createEmbeddedEventStore({ path, clock });
    const run = new EmbeddedRun(store, source, size);
    const report = await run.measure(path, isFilled).finally(() => store[Symbol.asyncDispose]());
    return { report, plans: withPlans ? await plansOf(path, questionsOver(size.events), Date.now()) : '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class EmbeddedRun {
  readonly #store: EmbeddedEventStore;
  readonly #source: EventThread;
  readonly #size: QuerySize;
  #unflushed = 0;
  #repeatedWrites = 0;

  constructor(store: EmbeddedEventStore, source: EventThread, size: QuerySize) {
    this.#store = store;
    this.#source = source;
    this.#size = size;
  }

  async measure(path: string, isFilled: boolean): Promise<BenchReport> {
    const filled = isFilled ? null : await this.#fill();
    const stop = new AbortController();
    const writing = this.#write(stop.signal);
    const asking = this.#askAll().finally(() => stop.abort());
    const [{ written, seconds }, answered] = await Promise.all([writing, asking]);
    const exported = await this.#exportAll();
    const { ratePerSecond: offeredPerSecond, ...configuration } = this.#size;
    return queryReport({
      kind: 'query',
      configuration: { engines: 'embedded', ...configuration, offeredPerSecond },
      offeredPerSecond,
      writtenPerSecond: Math.round(written / seconds),
      answered,
      metrics: {
        'export of a million events': higher(Math.round(exported.rows / exported.seconds), 'events/s'),
        'memory that the export took': lower(exported.peakMb - exported.beforeMb, 'MB'),
      },
      details: {
        filled,
        repeatedWrites: this.#repeatedWrites,
        export: exported,
        fileMb: Math.round(statSync(path).size / 2 ** 20),
      },
    });
  }

  async #fill() {
    const { events, hours } = this.#size;
    const startedMs = performance.now();
    const endMs = Date.now();
    const spanMs = hours * 3_600_000;
    const at = (done: number): number => endMs - spanMs + (spanMs * done) / events;
    for (let done = 0; done < events; done += batchEvents) {
      const count = Math.min(batchEvents, events - done);
      const request = { count, fromMs: at(done), toMs: at(done + count) };
      await this.#writeAndFlush(await this.#source.batch(request));
      if (done % 1_000_000 === 0) process.stderr.write(`${done} of ${events} events\n`);
    }
    await this.#store.deferred?.flush();
    const cpu = process.cpuUsage();
    return {
      seconds: (performance.now() - startedMs) / 1000,
      cpuMicrosAnEvent: (cpu.user + cpu.system) / events,
    };
  }

  /**
   * Writes as a sink run does: again where the store asks for it, and flushed before more is written than it flushes at.
   * What is not flushed stands in the engine's memory uncompressed, about 700 bytes an event.
   */
  async #writeAndFlush(batch: SinkBatch): Promise<void> {
    for (;;) {
      try {
        await this.#store.write([batch], signal);
        break;
      } catch (error) {
        if (!isRetryable(error)) throw error;
        this.#repeatedWrites++;
        await clock.sleep(200);
      }
    }
    this.#unflushed += batch.count;
    if (this.#unflushed < flushEvents) return;
    this.#unflushed = 0;
    await this.#store.deferred?.flush();
  }

  /** Writes at the rate until it is told to end; gives how many were written in how long. */
  async #write(stopped: AbortSignal) {
    const startedMs = performance.now();
    const perTurn = Math.max(1, Math.round(this.#size.ratePerSecond / 10));
    let written = 0;
    for (let turn = 1; !stopped.aborted; turn++) {
      const nowMs = Date.now();
      const request = { count: perTurn, fromMs: nowMs - 100, toMs: nowMs };
      await this.#writeAndFlush(await this.#source.batch(request));
      written += perTurn;
      const aheadMs = startedMs + turn * 100 - performance.now();
      if (aheadMs > 0) await clock.sleep(aheadMs, stopped);
    }
    return { written, seconds: (performance.now() - startedMs) / 1000 };
  }

  async #askAll(): Promise<readonly Answered[]> {
    const questions = questionsOver(this.#size.events);
    const times = new Map<string, number[]>(questions.map(({ name }) => [name, []]));
    for (let round = 0; round < this.#size.rounds; round++) {
      for (const question of questions) {
        const startedMs = performance.now();
        await question.ask(this.#store, Date.now());
        times.get(question.name)?.push(performance.now() - startedMs);
      }
    }
    return questions.map(({ name, barMs }) => ({
      name,
      ...(barMs === undefined ? {} : { barMs }),
      ...sharesOf(times.get(name) ?? []),
    }));
  }

  /** A million of what is kept, in pages: what memory it takes beyond what was there before. */
  async #exportAll() {
    const startedMs = performance.now();
    const beforeMb = process.memoryUsage.rss() / 2 ** 20;
    let rows = 0;
    let peakMb = beforeMb;
    for await (const page of this.#store.exportEvents(scope, {}, 'desc', signal)) {
      rows += page.length;
      peakMb = Math.max(peakMb, process.memoryUsage.rss() / 2 ** 20);
      if (rows >= 1_000_000) break;
    }
    return { rows, seconds: (performance.now() - startedMs) / 1000, beforeMb, peakMb };
  }
}
