import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { isRetryable } from '../../contracts/errors.ts';
import { createEmbeddedEventStore, type EmbeddedEventStore } from '../../sinks/embedded/event-store.ts';
import { createSystemClock } from '../../streams/clock.ts';
import type { SinkBatch } from '../../streams/sink.ts';
import { machine } from '../machine.ts';
import { sharesOf } from '../shares.ts';
import { writeResult } from '../write-result.ts';
import { plansOf } from './plans.ts';
import { questionsOver } from './questions.ts';
import { createEventSource, scope } from './stored-events.ts';

/*
 * What the dashboard asks of the embedded store, over many events, while events come in: each question in turn, from
 * one reader, as the store answers it in this process. Beside the results, how the engine goes about each question.
 *
 *   node benchmarks/query/query.ts --events 10000000 --rate 10000 --rounds 200 --out benchmarks/results/query.json \
 *     --plans benchmarks/results/query-plans.txt
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    /** Events a second that are written meanwhile. */
    rate: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '200' },
    devices: { type: 'string', default: '5000' },
    /** Of the events before, how many hours they are spread over. */
    hours: { type: 'string', default: '24' },
    /** A file that is kept: the first run fills it, later ones go on with what it holds. */
    file: { type: 'string' },
    out: { type: 'string' },
    plans: { type: 'string' },
  },
});

const clock = createSystemClock();
const signal = new AbortController().signal;
const spanMs = Number(values.hours) * 3_600_000;
const batchEvents = 20_000;
/** As `run-sink.ts` has it. */
const flushEvents = 40_960;

async function fill(store: EmbeddedEventStore, count: number) {
  const startedMs = performance.now();
  const endMs = Date.now();
  for (let done = 0; done < count; done += batchEvents) {
    const size = Math.min(batchEvents, count - done);
    const at = (events: number): number => endMs - spanMs + (spanMs * events) / count;
    await writeAndFlush(store, source.batch(size, at(done), at(done + size)));
    if (done % 1_000_000 === 0) process.stderr.write(`${done} of ${count} events\n`);
  }
  await store.deferred?.flush();
  const cpu = process.cpuUsage();
  return {
    seconds: (performance.now() - startedMs) / 1000,
    cpuMicrosAnEvent: (cpu.user + cpu.system) / count,
  };
}

let unflushed = 0;
let repeatedWrites = 0;

/**
 * Writes as a sink run does: again where the store asks for it, and flushed before more is written than it flushes at.
 * What is not flushed stands in the engine's memory uncompressed, about 700 bytes an event.
 */
async function writeAndFlush(store: EmbeddedEventStore, batch: SinkBatch): Promise<void> {
  for (;;) {
    try {
      await store.write([batch], signal);
      break;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      repeatedWrites++;
      await clock.sleep(200);
    }
  }
  unflushed += batch.count;
  if (unflushed < flushEvents) return;
  unflushed = 0;
  await store.deferred?.flush();
}

/** Writes at the rate until it is told to end, as a sink run does; gives how many were written in how long. */
async function write(store: EmbeddedEventStore, stopped: AbortSignal) {
  const startedMs = performance.now();
  const perTurn = Math.max(1, Math.round(Number(values.rate) / 10));
  let written = 0;
  for (let turn = 1; !stopped.aborted; turn++) {
    const nowMs = Date.now();
    await writeAndFlush(store, source.batch(perTurn, nowMs - 100, nowMs));
    written += perTurn;
    const aheadMs = startedMs + turn * 100 - performance.now();
    if (aheadMs > 0) await clock.sleep(aheadMs, stopped);
  }
  return { written, seconds: (performance.now() - startedMs) / 1000 };
}

/** All that is kept, in pages: what memory it takes beyond what was there before. */
async function exportAll(store: EmbeddedEventStore) {
  const startedMs = performance.now();
  const beforeMb = process.memoryUsage.rss() / 2 ** 20;
  let rows = 0;
  let peakMb = beforeMb;
  for await (const page of store.exportEvents(scope, {}, 'desc', signal)) {
    rows += page.length;
    peakMb = Math.max(peakMb, process.memoryUsage.rss() / 2 ** 20);
    if (rows >= 1_000_000) break;
  }
  return { rows, seconds: (performance.now() - startedMs) / 1000, beforeMb, peakMb };
}

async function askAll(store: EmbeddedEventStore) {
  const questions = questionsOver(Number(values.events));
  const times = new Map<string, number[]>(questions.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const question of questions) {
      const startedMs = performance.now();
      await question.ask(store, Date.now());
      times.get(question.name)?.push(performance.now() - startedMs);
    }
  }
  return questions.map(({ name, barMs }) => ({ name, barMs, ...sharesOf(times.get(name) ?? []) }));
}

async function measure(store: EmbeddedEventStore, isFilled: boolean) {
  const filled = isFilled ? null : await fill(store, Number(values.events));
  const stop = new AbortController();
  const writing = write(store, stop.signal);
  const asking = askAll(store).finally(() => stop.abort());
  const [{ written, seconds }, questionsMs] = await Promise.all([writing, asking]);
  return {
    command: `node benchmarks/query/query.ts ${process.argv.slice(2).join(' ')}`,
    machine: machine(),
    loadAverage: loadavg()[0],
    events: Number(values.events),
    filled,
    writtenPerSecond: Math.round(written / seconds),
    offeredPerSecond: Number(values.rate),
    repeatedWrites,
    questionsMs,
    export: await exportAll(store),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'openframe-query-bench-'));
const path = values.file ?? join(folder, 'events.duckdb');
const isFilled = existsSync(path);
// Numbers of a former run are not given again: what has them would be no new row.
const source = createEventSource(Number(values.devices), 7, isFilled ? Date.now() : 0);
try {
  const store = await createEmbeddedEventStore({ path, clock });
  const measured = await measure(store, isFilled).finally(() => store[Symbol.asyncDispose]());
  const report = { ...measured, fileMb: Math.round(statSync(path).size / 2 ** 20) };
  writeResult(report, values.out);
  if (values.plans !== undefined) {
    const questions = questionsOver(Number(values.events));
    writeFileSync(values.plans, `${report.command}\n\n${await plansOf(path, questions, Date.now())}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
