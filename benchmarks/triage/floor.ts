import type { Sighting } from '../../alerting/sighting.ts';
import type { Triaged } from './triage-alerts.ts';

/** What the first search on AIT-ADS found best: novelty and heat over adaptive groups. Kept to compare with. */
const constants = {
  gapMs: 300_000,
  maxGapMs: 3_600_000,
  maxSpanMs: 86_400_000,
  fadeMs: 7_200_000,
  beforeMs: 8_100_000,
  afterMs: 28_800_000,
  enough: 6,
};

interface FloorGroup {
  readonly host: string;
  readonly openedMs: number;
  lastMs: number;
  count: number;
  readonly novelty: number;
  readonly nameNovelty: number;
  readonly excess: number;
}

/** Looks ahead: a group's score takes in what opens until it closes. */
export function floorTriage(sightings: readonly Sighting[]): Pick<Triaged, 'groupOf'> & {
  readonly groups: readonly { readonly openedMs: number; readonly count: number }[];
  readonly scores: Float64Array;
} {
  const groups: FloorGroup[] = [];
  const kinds = new Map<string, { count: number; group: number }>();
  const names = new Map<string, number>();
  const groupOf = new Int32Array(sightings.length);
  for (const [i, { host, name, timeMs }] of sightings.entries()) {
    const key = JSON.stringify([host, name]);
    const kind = kinds.get(key) ?? { count: 0, group: -1 };
    const live = groups[kind.group];
    if (live === undefined || ended(live, kind.count, timeMs)) {
      const seen = groups.length + kinds.size;
      const novelty = Math.log(Math.max(1, seen) / (kind.count + 1));
      const nameNovelty = Math.log(Math.max(1, seen) / ((names.get(name) ?? 0) + 1));
      const excess = Math.max(0, novelty - constants.enough);
      kind.group = groups.length;
      groups.push({ host, openedMs: timeMs, lastMs: timeMs, count: 0, novelty, nameNovelty, excess });
      kind.count++;
      kinds.set(key, kind);
      names.set(name, (names.get(name) ?? 0) + 1);
    }
    const group = groups[kind.group];
    if (group === undefined) continue;
    group.count++;
    group.lastMs = timeMs;
    groupOf[i] = kind.group;
  }
  const hot = groups.filter((group) => group.excess > 0);
  return { groups, groupOf, scores: Float64Array.from(groups, (group) => scoreOf(group, hot)) };
}

function ended(group: FloorGroup, count: number, timeMs: number): boolean {
  const gapMs = Math.min(constants.maxGapMs, constants.gapMs * count);
  return timeMs - group.lastMs > gapMs || timeMs - group.openedMs > constants.maxSpanMs;
}

function scoreOf(group: FloorGroup, hot: readonly FloorGroup[]): number {
  let here = 0;
  let elsewhere = 0;
  const untilMs = Math.min(group.openedMs + constants.afterMs, group.lastMs);
  for (const other of hot) {
    if (other === group || other.openedMs < group.openedMs - constants.beforeMs) continue;
    if (other.openedMs > untilMs) break;
    const weight = Math.exp(-Math.abs(other.openedMs - group.openedMs) / constants.fadeMs) * other.excess;
    if (other.host === group.host) here += weight;
    else elsewhere += weight;
  }
  const { novelty, nameNovelty, count } = group;
  return novelty + nameNovelty + Math.log1p(count) + 3 * Math.log1p(here) + 0.5 * Math.log1p(elsewhere);
}
