import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { EnrichedEvent } from '../../contracts/enriched.ts';
import { severities } from '../../contracts/event.ts';
import type { EventFilter } from '../../sinks/analytics.ts';
import { createManualClock } from '../../streams/clock.ts';
import { enrichedEvent, fixtureTimeMs } from '../../tests/query-api/enriched-events.ts';
import { openRestStores, type RestStores } from '../../tests/query-api/rest-stores.ts';
import { createMatcher } from './matches.ts';

const texts = [
  'Disk /dev/sda1 is 97% full; urgent',
  'ÜBERLAUF der Größe – straße',
  'ΣΊΣΥΦΟΣ σίσυφος ΟΔΟΣ',
  'İstanbul ısı KELVIN K ſharp',
  'a_b a-b a.b a\\b "quoted" \'single\' (x|y) [z] {2} ^$ *+?',
  '日本語のテスト １２３ 数字',
  'café cafe\u0301 🙈emoji x🙈',
  'tab\tnew\nline\r\nend',
  '',
];
const words = [
  ...new Set(texts.flatMap((text) => text.split(/\s+/u)).filter((word) => word !== '')),
  ...[
    'disk',
    'DISK',
    'isk',
    '97',
    '97%',
    '%',
    'über',
    'grösse',
    'größe',
    'STRASSE',
    'straße',
    'σίσυφος',
    'οδοσ',
    'οδος',
  ],
  ...[
    'istanbul',
    'i',
    'ı',
    'k',
    'kelvin',
    's',
    'sharp',
    'a',
    'b',
    '_',
    '\\',
    '.',
    '(',
    '[',
    '^',
    '$',
    '|',
    'x',
    '日',
    '本',
    '1',
    '１',
  ],
  ...[
    'cafe',
    'café',
    '\u0301',
    '🙈',
    'emoji',
    'quoted',
    'line',
    'end',
    'first',
    'srv',
    'message',
    'message1',
  ],
];

const fixtures: readonly EnrichedEvent[] = texts.flatMap((summary, i) => [
  enrichedEvent(2 * i, {
    summary,
    severity: severities[i % severities.length] ?? 'INFO',
    ...(i % 2 === 0 ? {} : { hostname: `srv-0${i}.example.com` }),
    ...(i % 3 === 0
      ? {}
      : { organizationId: `org-${i % 3}`, organizationName: texts[(i + 1) % texts.length] ?? '' }),
  }),
  enrichedEvent(2 * i + 1, {
    summary: `x${summary}`,
    eventType: i % 2 === 0 ? 'LOGIN' : 'SYSTEM_LOG',
    toolType: 'OTLP',
    deviceId: `d${i % 3}`,
    ...(i % 2 === 0 ? {} : { data: { message: `${texts[(i + 3) % texts.length] ?? ''}\nmessage${i}` } }),
  }),
]);

const some = <T>(values: readonly T[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 0, maxLength: 3 });
const time = fc.integer({ min: fixtureTimeMs - 1, max: fixtureTimeMs + fixtures.length });
const filter: fc.Arbitrary<EventFilter> = fc.record(
  {
    fromMs: time,
    toMs: time,
    eventTypes: some(['LOGIN', 'SYSTEM_LOG', 'login']),
    toolTypes: some(['OTLP', 'OPENFRAME']),
    severities: some(severities),
    organizationIds: some(['org-1', 'org-2', '']),
    deviceId: fc.constantFrom('d0', 'd1', 'none'),
    search: fc.array(fc.constantFrom(...words), { maxLength: 3 }).map((parts) => parts.join(' ')),
  },
  { requiredKeys: [] },
);

let stores: RestStores;

beforeAll(async () => {
  stores = await openRestStores(createManualClock(fixtureTimeMs));
  await stores.store(fixtures);
});

afterAll(() => stores[Symbol.asyncDispose]());

async function foundByAnalytics(asked: EventFilter): Promise<string[]> {
  const request = { filter: asked, limit: 1000, sort: 'asc' as const };
  return (await stores.analytics.events({ tenantId: 'acme' }, request)).map((event) => event.eventId);
}

function foundLive(asked: EventFilter): string[] {
  return fixtures.filter(createMatcher(asked)).map((event) => event.eventId);
}

describe('a filter', () => {
  it.each(words)('means the same live and stored for the search %j', async (search) => {
    expect(foundLive({ search })).toEqual(await foundByAnalytics({ search }));
  });

  it('means the same live and stored, whatever is combined', async () => {
    await fc.assert(
      fc.asyncProperty(filter, async (asked) => {
        expect(foundLive(asked)).toEqual(await foundByAnalytics(asked));
      }),
      { numRuns: 150 },
    );
  });
});
