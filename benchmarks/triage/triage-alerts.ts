import { AlertGroups } from '../../alerting/grouping/alert-groups.ts';
import { type AlertCell, createCells } from '../../alerting/grouping/cells.ts';
import { groupingDefaults, type GroupingOptions } from '../../alerting/grouping/options.ts';
import type { AlertFacts, AlertScorer } from '../../alerting/scorer.ts';
import type { Sighting } from '../../alerting/sighting.ts';
import { createStatisticalScorer } from '../../alerting/statistical/scorer.ts';

/** A group of rows, in the order in which groups opened. */
export interface TriagedGroup {
  readonly openedMs: number;
  readonly lastMs: number;
  readonly count: number;
  readonly hosts: number;
  /** What the last score is of. */
  readonly facts: AlertFacts;
  /** As of its first report alone, as of what was known `atOpenMs` after it, and in the end. */
  readonly firstScore: number;
  readonly openScore: number;
  readonly score: number;
  /** From its first report until its score stayed within a point of the last one; at most so long. */
  readonly delayMs: number;
}

export interface Triaged {
  readonly groups: readonly TriagedGroup[];
  /** For each sighting, in their order, its group's place in `groups`. */
  readonly groupOf: Int32Array;
}

export interface TriageOptions {
  readonly grouping?: GroupingOptions;
  readonly scorer?: AlertScorer;
}

/** The time after its first report at which a group's score at open is taken: what a technician would see by then. */
export const atOpenMs = 60_000;
const expireEveryMs = 3_600_000;

interface Tracked {
  readonly alert: AlertCell;
  /** Its scores as they changed by half a point or more, oldest first. */
  readonly changes: { readonly afterMs: number; readonly score: number }[];
  openScore: number | undefined;
}

/** Runs sightings, in the order of time, through the grouping and the scorer of the stream, as one tenant's. */
export function triageAlerts(sightings: Iterable<Sighting>, options: TriageOptions = {}): Triaged {
  const { grouping = groupingDefaults, scorer = createStatisticalScorer() } = options;
  const groups = new AlertGroups('default', createCells(), grouping);
  const scoreOf = (alert: AlertCell): number => scorer.score(groups.factsOf(alert)).score;
  const tracked: Tracked[] = [];
  const places = new Map<AlertCell, number>();
  const groupOf: number[] = [];
  let firstUntaken = 0;
  let expireAtMs = Number.NEGATIVE_INFINITY;
  const takeOpenScores = (nowMs: number): void => {
    for (let group = tracked[firstUntaken]; group; group = tracked[++firstUntaken]) {
      if (nowMs - group.alert.openedMs <= atOpenMs) return;
      group.openScore = scoreOf(group.alert);
      note(group, group.openScore, atOpenMs);
    }
  };
  for (const sighting of sightings) {
    takeOpenScores(sighting.timeMs);
    if (sighting.timeMs >= expireAtMs) {
      groups.expire(sighting.timeMs);
      expireAtMs = sighting.timeMs + expireEveryMs;
    }
    const { alert, opened } = groups.observe(sighting);
    if (opened) {
      places.set(alert, tracked.length);
      tracked.push({ alert, changes: [], openScore: undefined });
    }
    const place = places.get(alert) ?? -1;
    groupOf.push(place);
    const group = tracked[place];
    if (group !== undefined) note(group, scoreOf(alert), alert.lastMs - alert.openedMs);
  }
  takeOpenScores(Number.POSITIVE_INFINITY);
  const finished = tracked.map((group) => finish(group, groups.factsOf(group.alert), scoreOf(group.alert)));
  return { groupOf: Int32Array.from(groupOf), groups: finished };
}

function note({ changes }: Tracked, score: number, afterMs: number): void {
  const last = changes.at(-1);
  if (last === undefined || Math.abs(last.score - score) >= 0.5) changes.push({ afterMs, score });
}

function finish({ alert, changes, openScore = 0 }: Tracked, facts: AlertFacts, score: number): TriagedGroup {
  const unsettled = changes.findLastIndex((change) => Math.abs(change.score - score) >= 1);
  return {
    openedMs: alert.openedMs,
    lastMs: alert.lastMs,
    count: alert.count,
    hosts: alert.hosts,
    facts,
    firstScore: changes[0]?.score ?? score,
    openScore,
    score,
    delayMs: changes[unsettled + 1]?.afterMs ?? alert.lastMs - alert.openedMs,
  };
}
