import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { makeReport } from '../make-report.ts';
import { middleOf } from '../middle.ts';
import type { BenchReport, Metric } from '../report.ts';
import { type Part, parts } from './parts.ts';
import { rawBatches } from './raw-batches.ts';

/*
 * CPU and bytes allocated on V8's heap an event, by part of the telemetry topology; no I/O. Results compare by
 * `openframe bench compare`.
 *
 *   node benchmarks/micro/run-micro.ts --out benchmarks/results/micro.json
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    batches: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
});
const configuration = { batches: Number(values.batches), recordsPerBatch: 2000 };
const events = configuration.batches * configuration.recordsPerBatch;
const samplingBytes = 16 * 1024;
const warmUps = 3;

const input = rawBatches(configuration.batches, configuration.recordsPerBatch, false);
for (let pass = 0; pass < warmUps; pass++) for (const part of parts) await part.run(input);
const rounds: BenchReport['rounds'] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const metrics: Record<string, Metric> = {};
  const loadAverage = loadavg()[0];
  for (const part of parts) {
    metrics[part.name] = { value: await cpuNanos(part), unit: 'ns an event', better: 'lower' };
    metrics[`${part.name}, heap`] = { value: await heapBytes(part), unit: 'B an event', better: 'lower' };
  }
  rounds.push({ metrics, details: { loadAverage } });
}
const report = makeReport({
  kind: 'micro',
  verdict: 'VALID',
  reasons: [],
  command: 'node benchmarks/micro/run-micro.ts',
  configuration,
  rounds,
});
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
for (const { name } of parts) {
  process.stdout.write(`${name.padEnd(34)} ${shown(name)} ns  ${shown(`${name}, heap`)} B an event\n`);
}

async function cpuNanos(part: Part): Promise<number> {
  const before = process.cpuUsage();
  await part.run(input);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / events;
}

/** What V8's sampling profiler counts, collected objects included; buffers outside of the heap are not. */
async function heapBytes(part: Part): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: samplingBytes,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await part.run(input);
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  return sizeOf(profile.head) / events;
}

function sizeOf(node: { readonly selfSize: number; readonly children: readonly unknown[] }): number {
  const children = node.children as (typeof node)[];
  return children.reduce((sum, child) => sum + sizeOf(child), node.selfSize);
}

function shown(name: string): string {
  const middle = middleOf(rounds.flatMap(({ metrics }) => metrics[name]?.value ?? [])) ?? Number.NaN;
  return middle.toFixed(0).padStart(6);
}
