import type { FastifyInstance } from 'fastify';

import type { DeadLetter } from '../../contracts/dead-letter.ts';
import type { EnrichedEvent } from '../../contracts/enriched.ts';
import type { Triage } from '../../contracts/triage.ts';
import { streamedAlert } from '../../stores/alert.fixture.ts';
import { createTriageBook } from '../../stores/triage-book.ts';
import { createManualClock, type ManualClock } from '../../streams/clock.ts';
import { enrichedEvent, eventIdOf, fixtureTimeMs } from './enriched-events.ts';
import { createRestApp, fixtureDeadLetter } from './rest-app.ts';
import { openRestStores, type RestStores } from './rest-stores.ts';

/** In every text of north that could be answered, in some case; the numbers are north's alone too. */
export const mark = 'northern';
const northValue = 123_456;
const northScore = 12.3456;

/** What north has and south has not, by what it is found by. */
export const northOnly = { eventId: eventIdOf(50), alertId: 'a7', deviceId: 'only-there' } as const;

/** Two tenants whose devices, organizations, events and alerts have the same ids; what they are called differs. */
export interface TwoTenants extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly stores: RestStores;
  readonly clock: ManualClock;
}

export async function openTwoTenants(): Promise<TwoTenants> {
  await using opening = new AsyncDisposableStack();
  const clock = createManualClock(fixtureTimeMs + 60_000);
  const stores = opening.use(await openRestStores(clock));
  const own = { ...twinEvent('north', 50), deviceId: northOnly.deviceId };
  const twins = ['north', 'south'].flatMap((tenantId) => [1, 2, 3].map((n) => twinEvent(tenantId, n)));
  await stores.store([...twins, own]);
  await stores.devices.save(
    [...twins, own].map(({ tenantId, deviceId, hostname, organizationName }) => ({
      tenantId,
      deviceId: deviceId ?? '',
      lastSeenMs: clock.nowMs(),
      inventory: {
        hostname: hostname ?? '',
        organizationId: 'org-1',
        organizationName: organizationName ?? '',
      },
    })),
  );
  await stores.alerts.save([
    ...['north', 'south'].map((tenantId) => twinAlert(tenantId, 1)),
    twinAlert('north', Number(northOnly.alertId.slice(1))),
  ]);
  for (const incidentId of ['a1', northOnly.alertId])
    await createTriageBook(stores.documents).keep({ tenantId: 'north' }, triageOfNorth(incidentId));
  const app = await createRestApp(stores, deadLettersOfNorth);
  opening.defer(() => app.close());
  for (const [path, body] of Object.entries(keptByNorth)) await keep(app, path, body);
  const owned = opening.move();
  return { app, stores, clock, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What a tenant keeps of its own, by the route that sets it. South has none of it. */
export const keptByNorth = {
  '/rules': {
    ruleId: 'twin-rule',
    title: `${mark} rule`,
    severity: 'ERROR',
    detect: {
      kind: 'rate',
      eventTypes: ['LOGIN_FAILED'],
      when: 'data.ok == false',
      count: 3,
      withinMs: 1000,
    },
  },
  '/windows': {
    windowId: 'twin-window',
    title: `${mark} window`,
    start: '2026-01-08T22:00:00',
    timeZone: 'Europe/Berlin',
    durationMs: 3_600_000,
    recurrence: 'FREQ=WEEKLY;BYDAY=TH',
  },
  '/parents': { parentId: 'twin-host', deviceIds: ['twin', `${mark}-vm`] },
  '/notification-targets': {
    targetId: 'twin-target',
    url: `https://${mark}.example/hook`,
    minScore: 40,
  },
  '/views': { name: `${mark} view`, page: 'explore', search: `?search=${mark}`, team: true },
  '/links': { page: 'explore', search: `?search=${mark}` },
} as const;

async function keep(app: FastifyInstance, path: string, payload: object): Promise<void> {
  const headers = { authorization: 'Bearer north.admin' };
  const { statusCode, body } = await app.inject({ method: 'POST', url: `/api/v1${path}`, headers, payload });
  if (statusCode >= 300) throw new Error(`${path} answered ${body}`);
}

export function twinEvent(tenantId: string, number: number): EnrichedEvent {
  const text = `${tenantId}ern`;
  return enrichedEvent(number, {
    tenantId,
    deviceId: 'twin',
    hostname: `${text}-host`,
    organizationId: 'org-1',
    organizationName: `${text} organization`,
    userId: `${text}-user`,
    eventType: `${text.toUpperCase()}_TYPE`,
    sourceType: 'openframe.metrics',
    summary: `${text} summary`,
    data: {
      samples: [
        { name: 'cpu', value: tenantId === 'north' ? northValue : 1, unit: '1', labels: { of: text } },
      ],
    },
  });
}

export function twinAlert(tenantId: string, number: number) {
  return streamedAlert(number, {
    tenantId,
    title: `${tenantId}ern trouble`,
    deviceId: 'twin',
    score: tenantId === 'north' ? northScore : 50,
  });
}

/** What a model made of an incident of north, which south has too. */
function triageOfNorth(incidentId: string): Triage {
  const row = { id: 'A1', kind: 'alert', text: `${mark} trouble`, alertId: incidentId } as const;
  return {
    ...{ incidentId, madeBy: `${mark}-model`, madeAtMs: fixtureTimeMs, struck: 0, leftOut: 0 },
    summary: [{ text: `${mark} summary`, evidence: ['A1'] }],
    ...{ hypotheses: [], nextCheck: null, cannotBeTold: mark, evidenceHash: mark },
    evidence: [{ ...row, deviceId: null, eventId: null, atMs: null }],
    tokens: { input: northValue, output: northValue, costUsd: northScore },
  };
}

const letter: DeadLetter = { ...fixtureDeadLetter, tenantId: 'north', error: `${mark} bytes` };
const deadLettersOfNorth: Parameters<typeof createRestApp>[1] = {
  list: ({ tenantId }) => Promise.resolve(tenantId === 'north' ? [letter] : []),
  reasons: ({ tenantId }) =>
    Promise.resolve(
      tenantId === 'north' ? [{ topology: 'telemetry', stage: 'decode', reason: mark, count: 1 }] : [],
    ),
  replay: ({ tenantId }, { dryRun }) =>
    Promise.resolve({ replayed: tenantId === 'north' ? northValue : 0, refused: 0, dryRun }),
};

/** What of north stands in a text: nothing, it is to be hoped. */
export function ofNorth(text: string): readonly string[] {
  const small = text.toLowerCase();
  return [mark, String(northValue), String(northScore), '"north"'].filter((secret) => small.includes(secret));
}
