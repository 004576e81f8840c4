/**
 * How much the detector's NAB score depends on each constant, on which files, and what a bootstrap over files says:
 * `node benchmarks/detect/sensitivity.ts --data FOLDER --labels combined_windows.json --out FILE.json`.
 */
import { globSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { createMetricAnomaly } from '../../alerting/detectors/metric/metric-anomaly.ts';
import { type MetricConstants, metricDefaults } from '../../alerting/detectors/metric/metric-defaults.ts';
import { createRandom } from '../../streams/random.ts';
import { machine } from '../machine.ts';
import { readLabels, windowRows, windowsOf } from '../nab/labels.ts';
import { type NabSeries, scoreNab } from '../nab/score.ts';
import { scoreFile } from '../nab/score-file.ts';

const factors = [0.5, 0.8, 1.25, 2];
const bootstraps = 500;

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, labels: { type: 'string' }, out: { type: 'string' } },
});
const { data, labels: labelsPath, out } = options;
if (data === undefined || labelsPath === undefined || out === undefined) {
  throw new Error('Give --data FOLDER, --labels FILE and --out FILE.');
}
const files = globSync('**/*.csv', { cwd: data })
  .map((file) => join(resolve(data), file))
  .sort();
const labels = await readLabels(labelsPath);
const folder = await mkdtemp(join(tmpdir(), 'openframe-sensitivity-'));

/** The corpus as the detector with these constants scores it. */
async function corpusOf(overrides: Partial<MetricConstants>): Promise<readonly NabSeries[]> {
  const corpus: NabSeries[] = [];
  for (const file of files) {
    const scored = await scoreFile(createMetricAnomaly(overrides), file, join(folder, 'scored.csv'), {
      keep: true,
    });
    const windows = windowRows(file, windowsOf(labels, file), scored.timesMs);
    corpus.push({ name: file, scores: scored.scores, windows });
  }
  return corpus;
}

const standard = (corpus: readonly NabSeries[]): number => scoreNab(corpus)?.[0]?.score ?? NaN;
const rounded = (score: number): number => Math.round(score * 10) / 10;

function scaled(name: string, value: unknown, factor: number): Partial<MetricConstants> | null {
  if (typeof value === 'number') {
    const next = value * factor;
    const whole = name === 'capacity' || name === 'warmUp' || name === 'blockLength';
    return { [name]: whole ? Math.round(next) : next };
  }
  const lengths = metricDefaults.windowLengths.map((length) => Math.max(1, Math.round(length * factor)));
  const distinct = new Set(lengths).size === lengths.length;
  return distinct ? { windowLengths: lengths } : null;
}

async function sensitivity(): Promise<object> {
  const rows: Record<string, Record<string, number | null>> = {};
  for (const [name, value] of Object.entries(metricDefaults)) {
    const row: Record<string, number | null> = {};
    for (const factor of factors) {
      const overrides = scaled(name, value, factor);
      row[`x${factor}`] = overrides === null ? null : rounded(standard(await corpusOf(overrides)));
    }
    rows[name] = row;
    process.stderr.write(`${name}: ${JSON.stringify(row)}\n`);
  }
  return rows;
}

function leaveOneGroupOut(corpus: readonly NabSeries[]): object {
  const groups = [...new Set(files.map((file) => basename(dirname(file))))];
  const without = (group: string): readonly NabSeries[] =>
    corpus.filter(({ name }) => basename(dirname(name)) !== group);
  return Object.fromEntries(groups.map((group) => [group, rounded(standard(without(group)))]));
}

function bootstrap(corpus: readonly NabSeries[]): object {
  const random = createRandom(1);
  const scores = Array.from({ length: bootstraps }, () =>
    standard(corpus.flatMap(() => corpus[random.below(corpus.length)] ?? [])),
  ).sort((a, b) => a - b);
  const at = (share: number): number => rounded(scores[Math.floor(share * (bootstraps - 1))] ?? NaN);
  return { resamples: bootstraps, p5: at(0.05), median: at(0.5), p95: at(0.95) };
}

const corpus = await corpusOf({});
const result = {
  machine: machine(),
  command: 'benchmarks/detect/sensitivity.ts --data NAB/data --labels NAB/combined_windows.json',
  files: files.map((file) => `${basename(dirname(file))}/${basename(file)}`),
  constants: metricDefaults,
  nab: scoreNab(corpus),
  standardWithoutGroup: leaveOneGroupOut(corpus),
  standardBootstrap: bootstrap(corpus),
  standardWithConstantScaled: await sensitivity(),
};
await rm(folder, { recursive: true, force: true });
writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
