import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { z } from 'zod';

import { compareReports, type Comparison } from '../benchmarks/compare/compare.ts';
import { measureInTurns } from '../benchmarks/compare/in-turns.ts';
import { type BenchReport, benchReportSchema } from '../benchmarks/report.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { createRandom } from '../streams/random.ts';
import { argumentsOf, jsonOption, wholeNumber } from './options.ts';
import { note, printResult, table } from './output.ts';

interface BenchCompareOptions {
  readonly rounds: number;
  readonly run: string;
  readonly json?: boolean;
}

export function benchCompareCommand(): Command {
  return new Command('compare')
    .description(
      'say what changed between A and B beyond the noise: two result files, or two checkouts measured in turns',
    )
    .argument(
      '<a>',
      'a result file of `bench run --out`, or the folder of a checkout with its packages installed',
    )
    .argument('<b>', 'the same for the other')
    .option('--rounds <n>', 'of checkouts: how often each is measured', wholeNumber(3), 5)
    .option('--run <arguments>', 'of checkouts: what `openframe bench run` gets', '--duration 20s')
    .addOption(jsonOption())
    .action(async (a: string, b: string, options: BenchCompareOptions) => {
      const comparison = await compare(a, b, options);
      printResult(comparison, options, () => describe(comparison));
    });
}

async function compare(a: string, b: string, options: BenchCompareOptions): Promise<Comparison> {
  const random = createRandom(randomInt(2 ** 32));
  const files = [a, b].filter((name) => name.endsWith('.json')).length;
  if (files === 2) {
    return compareReports(await readReport(a), await readReport(b), { interleaved: false, random });
  }
  if (files === 1) {
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      'Give two result files (.json) or two folders, not one of each.',
    );
  }
  const reports = await measureInTurns({
    folders: { a, b },
    rounds: options.rounds,
    args: argumentsOf(options.run),
    onTurn: (folder, round) => note(`round ${round} of ${options.rounds}: ${folder}`),
  });
  return compareReports(reports.a, reports.b, { interleaved: true, random });
}

async function readReport(file: string): Promise<BenchReport> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OpenFrameError('ARGUMENT_INVALID', `${file} cannot be read: name a file of bench run --out.`, {
      cause,
    });
  });
  const parsed = benchReportSchema.safeParse(parseJson(file, text));
  if (parsed.success) return parsed.data;
  throw new OpenFrameError(
    'ARGUMENT_INVALID',
    `${file} is no benchmark report: ${z.prettifyError(parsed.error)}`,
  );
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OpenFrameError('ARGUMENT_INVALID', `${file} is no JSON.`, { cause });
  }
}

function describe({ metrics, rounds, interleaved, confidence }: Comparison): string {
  const percent = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %`;
  const rows = metrics.map(({ name, unit, a, b, ratio, low, high, verdict }) => [
    name,
    figure(a),
    figure(b),
    unit,
    percent(ratio),
    `${percent(low)} to ${percent(high)}`,
    verdict,
  ]);
  const how = interleaved
    ? `measured in turns, ${rounds.a} rounds each`
    : `${rounds.a} and ${rounds.b} rounds, not in turns: a drift of the machine shows as a difference`;
  const sure = `${(confidence * 100).toFixed(1)} % intervals`;
  return `${table(['', 'A', 'B', '', 'B / A', 'interval', ''], rows)}\n\n${how}; ${sure}`;
}

function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 });
}
