import { groupingDefaults, type GroupingOptions } from '../../alerting/grouping/options.ts';
import type { AlertScorer } from '../../alerting/scorer.ts';
import { createStatisticalScorer } from '../../alerting/statistical/scorer.ts';
import { defaultWeights, type TermName } from '../../alerting/statistical/weights.ts';
import { floorTriage } from './floor.ts';
import { measureTriage, type TriageMetrics } from './metrics.ts';
import { mean, median } from './ranking.ts';
import { type AlertRow, outputName, readAlerts } from './read-alerts.ts';
import { type Triaged, triageAlerts } from './triage-alerts.ts';

/*
 * How much each constant of grouping and scoring matters: node benchmarks/triage/sensitivity.ts FILE… > result.json
 * Each constant is halved and doubled by itself; the figures are by event labels, with the scores of the end.
 */

const groupingConstants = ['gapMs', 'maxGapMs', 'maxSpanMs', 'spreadMs', 'settleMs', 'fadeMs'] as const;
const factors = [0.5, 2];

interface Network {
  readonly file: string;
  readonly rows: readonly AlertRow[];
}

interface Line {
  readonly what: string;
  readonly ap: number;
  readonly projAp: number;
  readonly lost: number;
  readonly readsAll: number;
  /** By network: AP, projAP and reads_all. */
  readonly networks: Readonly<Record<string, readonly [number, number, number]>>;
}

const networks: Network[] = [];
for (const file of process.argv.slice(2)) {
  networks.push({ file: outputName(file).replace('.csv', ''), rows: await readAlerts(file) });
}

function triageAll(grouping: GroupingOptions): readonly Triaged[] {
  return networks.map(({ rows }) =>
    triageAlerts(
      rows.map((row) => row.sighting),
      { grouping },
    ),
  );
}

function scoredBy(scorer: AlertScorer, triaged: readonly Triaged[]): readonly (TriageMetrics | null)[] {
  return networks.map(({ rows }, i) => {
    const { groups = [], groupOf = new Int32Array() } = triaged[i] ?? {};
    const scores = Float64Array.from(groups, (group) => scorer.score(group.facts).score);
    return measureTriage({ rows, groups, groupOf, scores }, 'event');
  });
}

function lineOf(what: string, metrics: readonly (TriageMetrics | null)[]): Line {
  const known = metrics.flatMap((of) => of ?? []);
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  const line = {
    what,
    ap: round(mean(known.map((of) => of.ap))),
    projAp: round(mean(known.map((of) => of.projAp))),
    lost: known.reduce((sum, of) => sum + of.lost, 0),
    readsAll: median(known.map((of) => of.readsAll)),
    networks: Object.fromEntries(
      known.map((of, i) => [networks[i]?.file ?? '', [round(of.ap), round(of.projAp), of.readsAll] as const]),
    ),
  };
  process.stderr.write(`${what}: AP ${line.ap} projAP ${line.projAp} reads ${line.readsAll}\n`);
  return line;
}

const lines: Line[] = [];
lines.push(
  lineOf(
    'floor: novelty and heat, adaptive groups',
    networks.map(({ rows }) =>
      measureTriage({ rows, ...floorTriage(rows.map((row) => row.sighting)) }, 'event'),
    ),
  ),
);
const scorer = createStatisticalScorer();
const defaults = triageAll(groupingDefaults);
lines.push(lineOf('defaults', scoredBy(scorer, defaults)));
const names = Object.keys(defaultWeights) as TermName[];
for (const name of names) {
  for (const factor of factors) {
    const weights = { ...defaultWeights, [name]: defaultWeights[name] * factor };
    lines.push(lineOf(`weight ${name} × ${factor}`, scoredBy(createStatisticalScorer(weights), defaults)));
  }
}
for (const name of groupingConstants) {
  for (const factor of factors) {
    const grouping = { ...groupingDefaults, [name]: groupingDefaults[name] * factor };
    lines.push(lineOf(`${name} × ${factor}`, scoredBy(scorer, triageAll(grouping))));
  }
}
process.stdout.write(`${JSON.stringify({ node: process.version, lines }, null, 2)}\n`);
