import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';

import { type CapacityFigures, capacityPlan, type PlanLine } from '../benchmarks/capacity/plan.ts';
import { type BenchReport, benchReportSchema } from '../benchmarks/report.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { jsonOption, wholeNumber } from './options.ts';
import { printResult, table } from './output.ts';

interface BenchCapacityOptions {
  readonly devices: number;
  readonly eventsPerMinute: number;
  readonly window: number;
  readonly results: string;
  readonly json?: boolean;
}

const committed = fileURLToPath(new URL('../benchmarks/results', import.meta.url));
const kafkaSchema = z.object({
  bytesPerEvent: z.number(),
  medians: z.array(z.object({ client: z.string(), cpuMicrosPerEvent: z.number() })),
});

export function benchCapacityCommand(): Command {
  return new Command('capacity')
    .description('what a fleet needs, computed from measured results: each figure says of which file it is')
    .requiredOption('--devices <n>', 'devices of the fleet', wholeNumber(1))
    .requiredOption('--events-per-minute <n>', 'events a minute of each device', wholeNumber(1))
    .option('--window <minutes>', 'how long dedupe remembers ids', wholeNumber(1), 10)
    .option('--results <folder>', 'where the results are, as measured on your machine', committed)
    .addOption(jsonOption())
    .action(async ({ devices, eventsPerMinute, window, results, ...options }: BenchCapacityOptions) => {
      const figures = await readFigures(results);
      const plan = capacityPlan({ devices, eventsPerMinute, windowMinutes: window }, figures);
      const doubts = [figures.run, figures.scale].flatMap(({ kind, verdict, reasons }) =>
        verdict === 'VALID' ? [] : [`The result of ${kind} is ${verdict}: ${reasons.join(' ')}`],
      );
      printResult({ plan, doubts }, options, () => [describe(plan), ...doubts].join('\n\n'));
    });
}

async function readFigures(folder: string): Promise<CapacityFigures> {
  const kafka = await readJson(folder, 'kafka-clients.json', kafkaSchema);
  const own = kafka.medians.find(({ client }) => client === 'platformatic');
  if (own === undefined)
    throw unreadable(join(folder, 'kafka-clients.json'), 'it has no client platformatic');
  const report = (file: string): Promise<BenchReport> => readJson(folder, file, benchReportSchema);
  return {
    run: await report('run-large-msp.json'),
    scale: await report('scale.json'),
    kafkaMicros: own.cpuMicrosPerEvent,
    eventBytes: kafka.bytesPerEvent,
  };
}

async function readJson<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T> {
  const file = join(folder, name);
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw unreadable(file, cause instanceof Error ? cause.message : String(cause));
  }
}

function unreadable(file: string, why: string): OpenFrameError {
  const message = `${file} cannot be used: ${why}. docs/capacity.md says which command writes it.`;
  return new OpenFrameError('ARGUMENT_INVALID', message);
}

function describe(plan: readonly PlanLine[]): string {
  const rows = plan.map(({ what, value, unit, of }) => [what, shown(value), unit, of]);
  return table(['', '', '', 'of'], rows);
}

function shown(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 });
}
