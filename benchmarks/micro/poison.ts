import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { machine } from '../machine.ts';
import { middleOf } from '../middle.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { runTask } from './parts.ts';
import { rawBatches } from './raw-batches.ts';

/*
 * What poison costs: processor time of the telemetry topology for the same events, with and without one record of a
 * hundred that cannot be processed, in turns. No I/O; outputs and dead letters are written and compressed, as in production.
 *
 *   node benchmarks/micro/poison.ts --out benchmarks/results/poison.json
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '30' }, out: { type: 'string' } },
});
const [batches, recordsPerBatch, poisonOneOf] = [20, 2000, 100];
const records = batches * recordsPerBatch;
const warmUps = 5;

const topology = telemetry({ windowMs: 600_000, marksRetentionMs: 86_400_000 });
const inputs = {
  clean: rawBatches(batches, recordsPerBatch, false),
  poisoned: rawBatches(batches, recordsPerBatch, false, poisonOneOf),
};
for (let pass = 0; pass < warmUps; pass++) {
  for (const input of Object.values(inputs)) await runTask(topology, input, true);
}
const rounds: { clean: number; poisoned: number; loadAverage: number | undefined }[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const measured = { clean: 0, poisoned: 0, loadAverage: loadavg()[0] };
  const order = round % 2 === 0 ? (['clean', 'poisoned'] as const) : (['poisoned', 'clean'] as const);
  for (const name of order) measured[name] = await nanosOf(inputs[name]);
  rounds.push(measured);
}
const [clean, poisoned] = [median(rounds.map((one) => one.clean)), median(rounds.map((one) => one.poisoned))];
const report = {
  command: 'node benchmarks/micro/poison.ts',
  machine: machine(),
  configuration: { records, poisonOneOf },
  unit: 'ns of processor time a record',
  median: { clean, poisoned },
  throughputChangePercent: (clean / poisoned - 1) * 100,
  rounds,
};
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
process.stdout.write(
  `clean ${clean.toFixed(0)} ns, 1 % poison ${poisoned.toFixed(0)} ns a record: ` +
    `throughput ${report.throughputChangePercent.toFixed(1)} %\n`,
);

async function nanosOf(input: readonly Buffer[]): Promise<number> {
  const before = process.cpuUsage();
  await runTask(topology, input, true);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / records;
}

function median(numbers: readonly number[]): number {
  return middleOf(numbers) ?? Number.NaN;
}
