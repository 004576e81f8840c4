import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { makeReport } from '../make-report.ts';
import type { BenchReport, Metric } from '../report.ts';
import { writeResult } from '../write-result.ts';
import {
  measureScale,
  type ScaleMeasure,
  scaleMeasureSchema,
  type ScalePoint,
  scalePointSchema,
} from './scale-point.ts';

/*
 * How the telemetry topology's CPU an event grows with devices, tenants and the dedupe window, in memory, each point in a
 * process of its own. The metrics' names are the curves' points, which `openframe bench capacity` reads.
 *
 *   node benchmarks/scale/run-scale.ts --rounds 3 --out benchmarks/results/scale.json
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    small: { type: 'boolean', default: false },
    point: { type: 'string' },
    out: { type: 'string' },
  },
});

const usual: ScalePoint = { devices: 5000, tenants: 200, windowMinutes: 10, ratePerSecond: 500 };
const curves: readonly (readonly [string, readonly ScalePoint[]])[] = [
  ['devices', [1e3, 5e3, 5e4, 5e5, 1e6].map((devices) => ({ ...usual, devices }))],
  ['tenants', [10, 200, 2000, 20_000].map((tenants) => ({ ...usual, devices: 20_000, tenants }))],
  ['window minutes', [1, 10, 60].map((windowMinutes) => ({ ...usual, windowMinutes }))],
];
const small = (points: readonly ScalePoint[]): readonly ScalePoint[] =>
  points.filter(({ devices, windowMinutes }) => devices <= 50_000 && windowMinutes <= 10);

/** One program that computes has a load of 1; others share caches and clock with it. */
const busyLoad = 1.8;

if (values.point === undefined) await measureAll();
else {
  const measured = await measureScale(scalePointSchema.parse(JSON.parse(values.point)));
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

async function measureAll(): Promise<void> {
  const shown = values.small ? curves.map(([name, points]) => [name, small(points)] as const) : curves;
  const rounds: BenchReport['rounds'] = [];
  let highestLoad = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    const metrics: Record<string, Metric> = {};
    const details: object[] = [];
    for (const [curve, points] of shown) {
      for (const point of round % 2 === 0 ? points : points.toReversed()) {
        const measured = await inOwnProcess(point);
        const [loadAverage = 0] = loadavg();
        highestLoad = Math.max(highestLoad, loadAverage);
        Object.assign(metrics, metricsOf(curve, point, measured));
        details.push({ curve, point, measured, loadAverage });
        process.stderr.write(`${curve}: ${JSON.stringify(point)} ${measured.cpuNanos.toFixed(0)} ns\n`);
      }
    }
    rounds.push({ metrics, details });
  }
  const configuration = { curves: Object.fromEntries(shown) };
  const report = makeReport({
    kind: 'scale',
    verdict: highestLoad > busyLoad ? 'INVALID' : 'VALID',
    reasons: highestLoad > busyLoad ? [busyReason(highestLoad)] : [],
    command: 'node benchmarks/scale/run-scale.ts',
    configuration,
    rounds,
  });
  writeResult(report, values.out);
}

function busyReason(load: number): string {
  return `Other programs ran beside it: the load average was up to ${load.toFixed(1)} (bound ${busyLoad}).`;
}

async function inOwnProcess(point: ScalePoint): Promise<ScaleMeasure> {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), '--point', JSON.stringify(point)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return scaleMeasureSchema.parse(JSON.parse(stdout));
}

function metricsOf(curve: string, point: ScalePoint, measured: ScaleMeasure): Record<string, Metric> {
  const at = { devices: point.devices, tenants: point.tenants, 'window minutes': point.windowMinutes };
  const name = `${curve} ${String(at[curve as keyof typeof at])}`;
  return {
    [name]: { value: measured.cpuNanos, unit: 'ns an event', better: 'lower' },
    [`${name}, state`]: { value: measured.stateBytes / 1e6, unit: 'MB', better: 'lower' },
  };
}
