import { severities } from '../../contracts/event.ts';
import type { Claim, Findings } from '../../contracts/triage.ts';
import type { AlertRow, IncidentEvidence } from '../triage.ts';
import { claim, knownCauses, sortRows, type SortedRows } from './known-causes.ts';

const mostHypotheses = 3;

/** Triage by known causes: pure, without a network; equal evidence, equal findings. */
export function findDeterministically(evidence: IncidentEvidence): Findings {
  const rows = sortRows(evidence);
  const causes = knownCauses(rows).slice(0, mostHypotheses);
  return {
    summary: summaryOf(rows),
    hypotheses: causes.map(({ cause, likelihood, because }) => ({
      cause,
      likelihood,
      because: [...because],
    })),
    nextCheck: causes[0]?.nextCheck ?? firstLook(rows),
    cannotBeTold:
      causes.length === 0 ? 'Nothing in the evidence looks like a cause that is known here.' : null,
  };
}

function summaryOf(rows: SortedRows): Claim[] {
  const { alerts, devices, receipts } = rows;
  const shown = alerts.filter(({ hidden }) => !hidden);
  const hidden = alerts.filter((alert) => alert.hidden);
  const going = shown.filter(({ state }) => state !== 'OK');
  const worst = worstOf(shown.length > 0 ? shown : alerts);
  return [
    ...(worst === null
      ? []
      : [
          claim(
            `The worst of ${counted(alerts.length, 'alert')}, of severity ${worst.severity}: ${worst.title}`,
            [worst],
          ),
        ]),
    ...(going.length === 0
      ? [claim('All of it is clear now.', shown)]
      : [claim(`${counted(going.length, 'alert')} of it ${going.length === 1 ? 'goes' : 'go'} on.`, going)]),
    claim(
      `It is on ${counted(devices.length, 'device')} that ${devices.length === 1 ? 'is' : 'are'} known.`,
      devices,
    ),
    claim(`${counted(hidden.length, 'alert')} ${hidden.length === 1 ? 'is' : 'are'} out of sight.`, [
      ...hidden,
      ...receipts,
    ]),
  ].filter(({ evidence }) => evidence.length > 0);
}

function worstOf(alerts: readonly AlertRow[]): AlertRow | null {
  const rank = ({ severity }: AlertRow): number => severities.indexOf(severity);
  return [...alerts].sort((a, b) => rank(b) - rank(a) || b.score - a.score)[0] ?? null;
}

/** Where no cause is known: what came first, and what was reported around it. */
function firstLook({ alerts, events }: SortedRows): Claim | null {
  const [first] = alerts;
  if (first === undefined) return null;
  return claim('Look at the first alert, and at what its device reported just before.', [
    first,
    ...events.slice(0, 3),
  ]);
}

function counted(count: number, word: string): string {
  return `${count === 1 ? 'one' : count} ${word}${count === 1 ? '' : 's'}`;
}
