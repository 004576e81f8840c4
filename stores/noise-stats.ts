import type { Alert } from '../contracts/alert.ts';
import type { JudgedShare, NoiseStats } from '../contracts/incident.ts';
import { incidentsOf, type WholeIncident } from './incidents.ts';
import { wilson } from './suppression-stats.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** The queue of a day is looked at from the top as far as this. */
const topOfDay = 10;

/** How well alerts were folded and ranked, by what people said of them. */
export function noiseStatsOf(alerts: readonly Alert[]): NoiseStats {
  const incidents = incidentsOf(alerts);
  const shown = incidents.filter(({ incident }) => incident.alerts > 0);
  const reports = alerts.reduce((sum, { count }) => sum + count, 0);
  const tops = topsOfDays(shown);
  const judged = [...tops].flatMap((one) => verdictOf(one) ?? []);
  const useful = incidents.filter((one) => verdictOf(one) === 'useful');
  const several = shown.filter(({ alerts: of }) => of.filter(({ verdict }) => verdict !== null).length > 1);
  return {
    reports,
    incidents: shown.length,
    reduction: reports === 0 ? null : 1 - shown.length / reports,
    topOfDay,
    precisionAtTop: shareOf(judged.filter((verdict) => verdict === 'useful').length, judged.length),
    missed: shareOf(useful.filter((one) => !tops.has(one)).length, useful.length),
    overMerged: shareOf(several.filter(isMixed).length, several.length),
    fragmented: shareOf(partsOf(useful).size, useful.length),
  };
}

/** Of each day (UTC) the incidents with the highest scores that began on it. */
function topsOfDays(shown: readonly WholeIncident[]): ReadonlySet<WholeIncident> {
  const byDay = Map.groupBy(shown, ({ incident }) => Math.floor(incident.firstEventTimeMs / dayMs));
  const tops = [...byDay.values()].flatMap((of) =>
    [...of].sort((a, b) => b.incident.score - a.incident.score).slice(0, topOfDay),
  );
  return new Set(tops);
}

/** Useful where one of its alerts was, noise where all that were judged are; null where none was. */
function verdictOf({ alerts }: WholeIncident): 'useful' | 'noise' | null {
  const verdicts = alerts.map(({ verdict }) => verdict);
  return verdicts.includes('useful') ? 'useful' : verdicts.includes('noise') ? 'noise' : null;
}

function isMixed({ alerts }: WholeIncident): boolean {
  const verdicts = alerts.map(({ verdict }) => verdict);
  return verdicts.includes('useful') && verdicts.includes('noise');
}

/** Those within an hour of which another one began on one of their devices. */
function partsOf(incidents: readonly WholeIncident[]): ReadonlySet<WholeIncident> {
  const began = ({ incident }: WholeIncident): number => incident.firstEventTimeMs;
  const byDevice = new Map<string, WholeIncident[]>();
  for (const one of [...incidents].sort((a, b) => began(a) - began(b))) {
    for (const deviceId of new Set(one.incident.deviceIds)) {
      const of = byDevice.get(deviceId);
      if (of === undefined) byDevice.set(deviceId, [one]);
      else of.push(one);
    }
  }
  const parts = new Set<WholeIncident>();
  for (const of of byDevice.values()) {
    for (const [i, one] of of.entries()) {
      const before = of[i - 1];
      if (before !== undefined && began(one) - began(before) <= hourMs) parts.add(before).add(one);
    }
  }
  return parts;
}

function shareOf(found: number, of: number): JudgedShare {
  return { found, of, rate: of === 0 ? null : wilson(found, of) };
}
