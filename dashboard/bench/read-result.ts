import { median } from '../../benchmarks/compare/compare.ts';
import { type BenchReport, benchReportSchema } from '../../benchmarks/report.ts';
import { type RunDetails, runDetailsSchema } from './run-details.ts';

/** A result file as the page shows it. */
export interface BenchResult {
  readonly name: string;
  readonly report: BenchReport;
  /** By round; undefined where the round is not one of `bench run`. */
  readonly details: readonly (RunDetails | undefined)[];
}

/** Why a file is not shown: a sentence for who chose it. */
export class UnreadableResult extends Error {}

/** A half-hour run with a sample a second has about 2 MB. */
const mostBytes = 32 * 1024 * 1024;
const mostRounds = 200;
const mostMetrics = 500;
const mostNameLength = 200;
const issuesShown = 3;

/** Reads a file in the browser; nothing of it is sent anywhere. Throws `UnreadableResult`. */
export async function readResult(file: Pick<File, 'name' | 'size' | 'text'>): Promise<BenchResult> {
  if (file.size > mostBytes) throw new UnreadableResult(`${file.name} is larger than 32 MB: no result is.`);
  return parseResult(file.name, await file.text());
}

/** Throws `UnreadableResult` for what is no report of a benchmark, or not one that a page can show. */
export function parseResult(name: string, text: string): BenchResult {
  const parsed = benchReportSchema.safeParse(jsonOf(name, text));
  if (!parsed.success) {
    const found = parsed.error.issues
      .slice(0, issuesShown)
      .map(({ path, message }) => `${path.join('.').slice(0, 80) || 'the file'}: ${message.slice(0, 120)}`);
    throw new UnreadableResult(`${name} is no result of a benchmark. ${found.join('; ')}.`);
  }
  const { rounds } = parsed.data;
  const metrics = rounds.flatMap((round) => Object.keys(round.metrics));
  const tooLong = metrics.some((metric) => metric.length > mostNameLength);
  if (rounds.length > mostRounds || metrics.length > mostRounds * mostMetrics || tooLong) {
    throw new UnreadableResult(`${name} has more rounds, figures or longer names than a page can show.`);
  }
  return {
    name,
    report: parsed.data,
    details: rounds.map(({ details }) => runDetailsSchema.safeParse(details).data),
  };
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableResult(`${name} is no JSON: choose a file that --out has written.`);
  }
}

/** A metric over the rounds. */
export interface MetricRow {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** In the order of the first round. */
export function metricRows({ rounds }: BenchReport): MetricRow[] {
  const names = new Set(rounds.flatMap(({ metrics }) => Object.keys(metrics)));
  return [...names].flatMap((name) => {
    const found = rounds.flatMap(({ metrics }) => metrics[name] ?? []);
    const values = found.map(({ value }) => value);
    const unit = found[0]?.unit ?? '';
    return { name, unit, median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
  });
}
