import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { z } from 'zod';

import { type CapacityFigures, capacityPlan, type PlanLine } from '../benchmarks/capacity/plan.ts';
import { type BenchReport, benchReportSchema } from '../benchmarks/report.ts';
import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { readJsonFile } from './json-file.ts';
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
    .action(({ devices, eventsPerMinute, window, results, ...options }: BenchCapacityOptions) => {
      const figures = readFigures(results);
      const plan = capacityPlan({ devices, eventsPerMinute, windowMinutes: window }, figures);
      const doubts = [figures.run, figures.scale].flatMap(({ kind, verdict, reasons }) =>
        verdict === 'VALID' ? [] : [`The result of ${kind} is ${verdict}: ${reasons.join(' ')}`],
      );
      printResult({ plan, doubts }, options, () => [describe(plan), ...doubts].join('\n\n'));
    });
}

function readFigures(folder: string): CapacityFigures {
  const kafka = readResult(folder, 'kafka-clients.json', kafkaSchema);
  const own = kafka.medians.find(({ client }) => client === 'platformatic');
  if (own === undefined) throw unusable(`${join(folder, 'kafka-clients.json')} has no client platformatic`);
  const report = (file: string): BenchReport => readResult(folder, file, benchReportSchema);
  return {
    run: report('run-large-msp.json'),
    scale: report('scale.json'),
    kafkaMicros: own.cpuMicrosPerEvent,
    eventBytes: kafka.bytesPerEvent,
  };
}

function readResult<T>(folder: string, name: string, schema: z.ZodType<T>): T {
  try {
    return readJsonFile(join(folder, name), schema, 'result of a benchmark');
  } catch (cause) {
    throw unusable(messageOf(cause));
  }
}

function unusable(why: string): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', `${why} (docs/capacity.md says which command writes it)`);
}

function describe(plan: readonly PlanLine[]): string {
  const rows = plan.map(({ what, value, unit, of }) => [what, shown(value), unit, of]);
  return table(['', '', '', 'of'], rows);
}

function shown(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 });
}
