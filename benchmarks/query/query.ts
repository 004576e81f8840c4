import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { agentEventTypes, severities } from '../../contracts/event.ts';
import type { EventFilter } from '../../sinks/analytics.ts';
import { createEmbeddedEventStore, type EmbeddedEventStore } from '../../sinks/embedded/event-store.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { machine } from '../machine.ts';

/*
 * What the dashboard asks of the embedded store, over many events, while events come in: each question in turn, from
 * one reader, as the store answers it in this process.
 *
 *   node benchmarks/query/query.ts --events 10000000 --rate 10000 --rounds 200 --out benchmarks/results/query.json
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
    out: { type: 'string' },
  },
});

const clock = createSystemClock();
const random = createRandom(7);
const signal = new AbortController().signal;
const scope = { tenantId: 'bench' };
const devices = Number(values.devices);
const spanMs = Number(values.hours) * 3_600_000;
const batchEvents = 20_000;
const sentences = [
  'Disk space on /var is low',
  'Accepted publickey for deploy',
  'Backup finished',
  'Service failed',
];
let made = 0;

function eventIdOf(number: number): string {
  return `00000000-0000-5000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** A batch of the enriched topic, its events spread evenly over a stretch of time. */
function batchOf(count: number, fromMs: number, toMs: number) {
  const builder = new RecordBatchBuilder();
  for (let i = 0; i < count; i++) {
    const number = made++;
    const device = random.below(devices);
    const isLog = random.below(5) === 0;
    const eventTime = Math.floor(fromMs + ((toMs - fromMs) * i) / count);
    const event = {
      eventId: eventIdOf(number),
      tenantId: scope.tenantId,
      source: `/agents/${device}`,
      sourceId: String(number),
      toolType: 'OPENFRAME',
      sourceType: isLog ? agentEventTypes.log : agentEventTypes.heartbeat,
      eventType: isLog ? 'SYSTEM_STATUS' : 'DEVICE_HEARTBEAT',
      severity: isLog ? (severities[random.below(5)] ?? 'INFO') : 'INFO',
      deviceId: String(device),
      hostname: `ws-${device}`,
      organizationId: `org-${device % 50}`,
      organizationName: `Customer ${device % 50}`,
      summary: isLog ? (sentences[random.below(4)] ?? '') : 'The agent is alive',
      eventTime,
      ingestTime: eventTime + 20,
      data: { message: 'x'.repeat(100) },
    };
    builder.appendRecord({
      key: `bench:/agents/${device}`,
      value: JSON.stringify(event),
      timestampMs: eventTime,
    });
  }
  return { partition: 0, bytes: builder.finish(), count, firstOffset: 0 };
}

interface Question {
  readonly name: string;
  readonly ask: (store: EmbeddedEventStore, nowMs: number) => Promise<unknown>;
}

const since = (nowMs: number, spanOfMs: number): EventFilter => ({ fromMs: nowMs - spanOfMs, toMs: nowMs });
const questions: readonly Question[] = [
  {
    name: 'overview: events a second of 5 min by severity',
    ask: (store, nowMs) =>
      store.stats(scope, { filter: since(nowMs, 300_000), bucketMs: 5_000, groupBy: 'severity', top: 5 }),
  },
  {
    name: 'overview: the rate of the last 30 s',
    ask: (store, nowMs) => store.stats(scope, { filter: since(nowMs, 30_000), bucketMs: 5_000, top: 1 }),
  },
  {
    name: 'overview: errors of the last hour',
    ask: (store, nowMs) =>
      store.stats(scope, {
        filter: { ...since(nowMs, 3_600_000), severities: ['ERROR', 'CRITICAL'] },
        bucketMs: 60_000,
        top: 1,
      }),
  },
  {
    name: 'overview: the newest 50 events',
    ask: (store) => store.events(scope, { filter: {}, limit: 50, sort: 'desc' }),
  },
  {
    name: 'explore: facets of the last hour',
    ask: (store, nowMs) => store.facets(scope, since(nowMs, 3_600_000), 12),
  },
  { name: 'explore: facets of all that is kept', ask: (store) => store.facets(scope, {}, 12) },
  {
    name: 'explore: 24 h by severity',
    ask: (store, nowMs) =>
      store.stats(scope, {
        filter: since(nowMs, 86_400_000),
        bucketMs: 900_000,
        groupBy: 'severity',
        top: 6,
      }),
  },
  { name: 'one event by its id', ask: (store) => store.event(scope, eventIdOf(random.below(made))) },
];

async function fill(store: EmbeddedEventStore, count: number): Promise<number> {
  const startedMs = performance.now();
  const endMs = Date.now();
  for (let done = 0; done < count; done += batchEvents) {
    const size = Math.min(batchEvents, count - done);
    const at = (events: number): number => endMs - spanMs + (spanMs * events) / count;
    await store.write([batchOf(size, at(done), at(done + size))], signal);
    if (done % 200_000 === 0) await store.deferred?.flush();
    if (done % 1_000_000 === 0) process.stderr.write(`${done} of ${count} events\n`);
  }
  await store.deferred?.flush();
  return (performance.now() - startedMs) / 1000;
}

/** Writes at the rate until it is told to end; gives how many were written in how long. */
async function write(store: EmbeddedEventStore, stopped: AbortSignal) {
  const startedMs = performance.now();
  const perTurn = Math.max(1, Math.round(Number(values.rate) / 10));
  let written = 0;
  let flushedAtMs = startedMs;
  for (let turn = 1; !stopped.aborted; turn++) {
    const nowMs = Date.now();
    await store.write([batchOf(perTurn, nowMs - 100, nowMs)], signal);
    written += perTurn;
    if (performance.now() - flushedAtMs > 2_000) {
      flushedAtMs = performance.now();
      await store.deferred?.flush();
    }
    const aheadMs = startedMs + turn * 100 - performance.now();
    if (aheadMs > 0) await clock.sleep(aheadMs, stopped);
  }
  return { written, seconds: (performance.now() - startedMs) / 1000 };
}

function shares(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
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

const folder = mkdtempSync(join(tmpdir(), 'openframe-query-bench-'));
try {
  await using store = await createEmbeddedEventStore({ path: join(folder, 'events.duckdb'), clock });
  const fillSeconds = await fill(store, Number(values.events));
  const stop = new AbortController();
  const writing = write(store, stop.signal);
  const times = new Map<string, number[]>(questions.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { name, ask } of questions) {
      const startedMs = performance.now();
      await ask(store, Date.now());
      times.get(name)?.push(performance.now() - startedMs);
    }
  }
  stop.abort();
  const { written, seconds } = await writing;
  const report = {
    command: `node benchmarks/query/query.ts ${process.argv.slice(2).join(' ')}`,
    machine: machine(),
    loadAverage: loadavg()[0],
    events: Number(values.events),
    fillSeconds,
    writtenPerSecond: Math.round(written / seconds),
    offeredPerSecond: Number(values.rate),
    questionsMs: Object.fromEntries([...times].map(([name, all]) => [name, shares(all)])),
    export: await exportAll(store),
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  process.stdout.write(text);
  if (values.out !== undefined) writeFileSync(values.out, text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
