import type { AlertRow } from './read-alerts.ts';
import type { TriagedGroup } from './triage-alerts.ts';
import { averagePrecision, median, worstRanks } from './ranking.ts';

export type Truth = 'event' | 'time';

/** How well a ranking of groups puts labelled alerts on top. docs/alerts.md has the definitions. */
export interface TriageMetrics {
  readonly alerts: number;
  readonly groups: number;
  /** Groups of which more than half of the alerts have a label. */
  readonly positive: number;
  /** 1 − groups / alerts. */
  readonly reduction: number;
  /** Average precision over groups, and over fixed units (host and name, 300 s), which removes what merging gains. */
  readonly ap: number;
  readonly projAp: number;
  /** Phases that no group shows. */
  readonly lost: number;
  readonly phases: number;
  /** Of the phases that are shown, NaN where none is: groups to read from the top until every phase was shown, the median over phases, and by phase. */
  readonly readsAll: number;
  readonly readsMedian: number;
  readonly reads: Readonly<Record<string, number>>;
  /** The smallest daily top k that shows every phase. */
  readonly kAll: number;
}

const unitGapMs = 300_000;
const dayMs = 86_400_000;

export interface RankedGroups {
  readonly rows: readonly AlertRow[];
  readonly groupOf: Int32Array;
  readonly groups: readonly Pick<TriagedGroup, 'openedMs' | 'count'>[];
  /** One a group. */
  readonly scores: Float64Array;
}

/** Null where no row has a label of this truth. */
export function measureTriage(ranked: RankedGroups, truth: Truth): TriageMetrics | null {
  const { rows, groups, scores } = ranked;
  const labels = rows.map((row) => row.labels?.[truth] ?? null);
  const counted = countLabels(ranked, labels);
  if (counted.phases.size === 0) return null;
  const positive = groups.map(({ count }, g) => (counted.labelled[g] ?? 0) * 2 > count);
  const ranks = worstRanks(scores);
  const dayRanks = ranksByDay(groups, scores);
  const shows = [...counted.phases].map(([phase, of]) => ({
    phase,
    by: [...of].filter(([g, n]) => n * 2 >= (groups[g]?.count ?? 0)).map(([g]) => g),
  }));
  const best = (by: readonly number[], of: Int32Array): number => Math.min(...by.map((g) => of[g] ?? 0));
  const shown = shows.filter(({ by }) => by.length > 0);
  const reads = shown.map(({ phase, by }) => [phase, best(by, ranks)] as const);
  const units = unitsOf(ranked, labels);
  return {
    alerts: rows.length,
    groups: groups.length,
    positive: positive.filter(Boolean).length,
    reduction: 1 - groups.length / rows.length,
    ap: averagePrecision(scores, positive),
    projAp: averagePrecision(units.scores, units.positive),
    lost: shows.length - shown.length,
    phases: shows.length,
    readsAll: largest(reads.map(([, rank]) => rank)),
    readsMedian: median(reads.map(([, rank]) => rank)),
    reads: Object.fromEntries(reads),
    kAll: largest(shown.map(({ by }) => best(by, dayRanks))),
  };
}

function largest(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.max(...values);
}

interface LabelCounts {
  readonly labelled: Float64Array;
  /** By phase, how many alerts of each group are of it. */
  readonly phases: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

function countLabels({ groupOf, groups }: RankedGroups, labels: readonly (string | null)[]): LabelCounts {
  const labelled = new Float64Array(groups.length);
  const phases = new Map<string, Map<number, number>>();
  for (const [i, label] of labels.entries()) {
    if (label === null) continue;
    const g = groupOf[i] ?? -1;
    labelled[g] = (labelled[g] ?? 0) + 1;
    let of = phases.get(label);
    if (of === undefined) phases.set(label, (of = new Map<number, number>()));
    of.set(g, (of.get(g) ?? 0) + 1);
  }
  return { labelled, phases };
}

function ranksByDay(groups: RankedGroups['groups'], scores: Float64Array): Int32Array {
  const days = new Map<number, number[]>();
  for (const [g, { openedMs }] of groups.entries()) {
    const day = Math.floor(openedMs / dayMs);
    const of = days.get(day);
    if (of === undefined) days.set(day, [g]);
    else of.push(g);
  }
  const ranks = new Int32Array(groups.length);
  for (const of of days.values()) {
    const within = worstRanks(Float64Array.from(of, (g) => scores[g] ?? 0));
    for (const [i, g] of of.entries()) ranks[g] = within[i] ?? 0;
  }
  return ranks;
}

/** The fixed units of the projection, each scored by its alerts' best group. */
function unitsOf({ rows, groupOf, scores }: RankedGroups, labels: readonly (string | null)[]) {
  const units: { lastMs: number; score: number; count: number; labelled: number }[] = [];
  const open = new Map<string, (typeof units)[number]>();
  for (const [i, { sighting }] of rows.entries()) {
    const key = JSON.stringify([sighting.host, sighting.name]);
    let unit = open.get(key);
    if (unit === undefined || sighting.timeMs - unit.lastMs > unitGapMs) {
      unit = { lastMs: sighting.timeMs, score: Number.NEGATIVE_INFINITY, count: 0, labelled: 0 };
      units.push(unit);
      open.set(key, unit);
    }
    unit.lastMs = sighting.timeMs;
    unit.score = Math.max(unit.score, scores[groupOf[i] ?? -1] ?? 0);
    unit.count++;
    if (labels[i] !== null) unit.labelled++;
  }
  return {
    scores: Float64Array.from(units, (unit) => unit.score),
    positive: units.map((unit) => unit.labelled * 2 > unit.count),
  };
}
