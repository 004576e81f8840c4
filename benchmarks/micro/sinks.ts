import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createEmbeddedEventStore } from '../../sinks/embedded/event-store.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import type { Sink, SinkBatch } from '../../streams/sink.ts';

/** CPU and wall time of the embedded store's writes, with a flush now and then beside them. */
const { values: options } = parseArgs({
  options: {
    batches: { type: 'string', default: '20' },
    records: { type: 'string', default: '10000' },
    /** Events stored before measuring. */
    stored: { type: 'string', default: '0' },
    /** Events between two flushes. */
    flush: { type: 'string', default: '40000' },
    /** Share of the events that are an hour to 24 hours late. */
    late: { type: 'string', default: '0' },
  },
});
const records = Number(options.records);
const batches = Number(options.batches);
const random = createRandom(1);
const clock = createSystemClock();
const startMs = Date.UTC(2026, 0, 1);
const builder = new RecordBatchBuilder();
let made = 0;

function hex(digits: number): string {
  let text = '';
  while (text.length < digits) text += random.uint32().toString(16).padStart(8, '0');
  return text.slice(0, digits);
}

function appendEvent(): void {
  const device = random.below(5000);
  const eventTime = startMs + Math.floor(made++ / 50);
  const lateMs = random.next() < Number(options.late) ? 3_600_000 * (1 + random.below(24)) : 0;
  const timestampMs = eventTime - lateMs;
  const value =
    `{"eventId":"${hex(8)}-${hex(4)}-5${hex(3)}-8${hex(3)}-${hex(12)}","tenantId":"tenant-${device % 200}",` +
    `"source":"/agents/device-${device}","sourceId":"${hex(12)}","toolType":"OPENFRAME",` +
    `"sourceType":"openframe.metrics","eventType":"METRICS","severity":"INFO","deviceId":"device-${device}",` +
    `"hostname":"host-${device}","summary":"3 samples","eventTime":${timestampMs},` +
    `"ingestTime":${eventTime + 90},"data":{"samples":[{"name":"cpu","value":${random.next().toFixed(4)},"unit":"1"},` +
    `{"name":"memory","value":${random.below(1e9)},"unit":"By"},` +
    `{"name":"disk","value":${random.below(1e9)},"unit":"By","labels":{"device":"sda"}}]}}`;
  builder.appendRecord({ key: null, value, timestampMs });
}

function batch(count: number): SinkBatch {
  for (let i = 0; i < count; i++) appendEvent();
  return { partition: 0, bytes: builder.finish(), count, firstOffset: 0 };
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const signal = new AbortController().signal;
const folder = await mkdtemp(join(tmpdir(), 'openframe-bench-'));
const path = join(folder, 'store.duckdb');
const createOptions = { path, clock };
let sink: Sink = await createEmbeddedEventStore(createOptions);
for (let left = Number(options.stored); left > 0; left -= 20_000) await sink.write([batch(20_000)], signal);
const wallMs: number[] = [];
let totalUs = 0;
let bytes = 0;
let unflushed = 0;
let flushing: Promise<void> | undefined;
for (let i = 0; i < batches; i++) {
  const one = batch(records);
  bytes += one.bytes.length;
  const beforeUs = cpuUs();
  const startedMs = performance.now();
  await sink.write([one], signal);
  unflushed += records;
  if (unflushed >= Number(options.flush) && flushing === undefined) {
    unflushed = 0;
    flushing = sink.deferred?.flush().finally(() => (flushing = undefined));
  }
  wallMs.push(performance.now() - startedMs);
  totalUs += cpuUs() - beforeUs;
}
const events = batches * records;
const fileBytes = async (name: string): Promise<number> =>
  (await stat(name).catch(() => undefined))?.size ?? 0;
await flushing;
const rssBytes = process.memoryUsage().rss;
const closeUs = cpuUs();
await sink[Symbol.asyncDispose]();
const closingUs = cpuUs() - closeUs;
const reopenedMs = performance.now();
sink = await createEmbeddedEventStore(createOptions);
const openMs = performance.now() - reopenedMs;
await sink[Symbol.asyncDispose]();
wallMs.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    node: process.version,
    cpu: cpus()[0]?.model,
    ...options,
    bytesPerEvent: Math.round(bytes / events),
    cpuUsPerEvent: Number((totalUs / events).toFixed(2)),
    closingCpuUsPerEvent: Number((closingUs / events).toFixed(2)),
    writeMs: { median: wallMs[Math.floor(batches / 2)]?.toFixed(1), max: wallMs.at(-1)?.toFixed(1) },
    rssMb: Math.round(rssBytes / 1e6),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1e3),
    fileBytesPerEvent: Math.round((await fileBytes(path)) / (events + Number(options.stored))),
    openMs: Math.round(openMs),
  }),
);
await rm(folder, { recursive: true });
