import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { OpenFrameError } from '../../contracts/errors.ts';
import { type BenchReport, benchReportSchema } from '../report.ts';

export interface InTurnsOptions {
  /** Two checkouts with their packages installed. */
  readonly folders: { readonly a: string; readonly b: string };
  readonly rounds: number;
  /** Arguments of `openframe bench run`. */
  readonly args: readonly string[];
  readonly onTurn: (folder: string, round: number) => void;
}

/**
 * Measures two checkouts in turns, each turn in a fresh process, the order reversed each round: what drifts on the
 * machine meanwhile meets both. The machine of a report is that of its first round.
 */
export async function measureInTurns(
  options: InTurnsOptions,
): Promise<{ readonly a: BenchReport; readonly b: BenchReport }> {
  const reports: Record<'a' | 'b', BenchReport[]> = { a: [], b: [] };
  for (let round = 0; round < options.rounds; round++) {
    for (const which of round % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const)) {
      const folder = options.folders[which];
      options.onTurn(folder, round + 1);
      reports[which].push(await measure(folder, ['--seed', String(round + 1), ...options.args]));
    }
  }
  return { a: joined(reports.a), b: joined(reports.b) };
}

async function measure(folder: string, args: readonly string[]): Promise<BenchReport> {
  const node = join(folder, 'node_modules', '.bin', 'node');
  const child = spawn(node, ['cli/openframe.js', 'bench', 'run', '--json', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close').catch((cause: unknown) => {
    throw new OpenFrameError('ARGUMENT_INVALID', `${folder} is no checkout with its packages installed.`, {
      cause,
    });
  });
  try {
    return benchReportSchema.parse(JSON.parse(text));
  } catch (cause) {
    const what = `bench run in ${folder} ended with ${String(child.exitCode)} and without a report`;
    throw new OpenFrameError('ARGUMENT_INVALID', `${what}: ${text.slice(0, 500)}`, { cause });
  }
}

/** The rounds of one side as one report. The seed goes through the rounds, so it is no part of what must be equal. */
function joined(reports: readonly BenchReport[]): BenchReport {
  const [first] = reports;
  if (first === undefined) throw new RangeError('no report');
  const unlucky = reports.find((report) => report.verdict !== 'VALID');
  return {
    ...first,
    verdict: unlucky?.verdict ?? 'VALID',
    reasons: reports.flatMap((report) => report.reasons),
    rounds: reports.flatMap((report) => report.rounds),
  };
}
