import type { EnrichedEvent } from '../contracts/enriched.ts';
import { agentEventTypes, type MetricSample, severities } from '../contracts/event.ts';
import {
  aggregates,
  type EventFilter,
  type EventStatsRequest,
  type FacetName,
  type MetricSeriesRequest,
} from '../sinks/analytics.ts';
import type { Random } from '../streams/random.ts';
import { enrichedEvent, startMs } from './enriched-events.ts';

export const facetNames: readonly FacetName[] = [
  'eventType',
  'toolType',
  'severity',
  'organizationId',
  'deviceId',
];

/** What a device that became known last gives to its events that lack it. */
export type LateDevice = Readonly<
  Pick<EnrichedEvent, 'deviceId' | 'hostname' | 'organizationId' | 'organizationName'>
>;

/** Devices that become known after all their events. */
export const lateDevices: readonly LateDevice[] = [
  {
    deviceId: 'late,1',
    hostname: 'late-host.example',
    organizationId: 'org,2',
    organizationName: 'Second, Inc',
  },
  { deviceId: "late'2", hostname: 'Späte Dose' },
];

const words = [
  'disk',
  'Disk',
  'full',
  'Größe',
  'ÄRGER',
  '日本',
  '100%',
  'a_b',
  "o'clock",
  '(x)',
  'back\\slash',
  '%',
];
const eventTypes = ['LOGIN', 'login', 'A,B', "o'type", 'x'.repeat(200)];
const tools = ['OPENFRAME', 'OTLP', 'FLEET_MDM'];
const devices = ['device-1', 'Device-1', 'd,3', "d'4", 'd 5 ', '日本-6', '', undefined];
const organizations = [
  ['org-1', 'First'],
  ['ORG-1', 'first'],
  ['org,2', 'Second, Inc'],
  ['o"3', undefined],
] as const;
const metricNames = ['system.cpu.utilization', 'system.memory.usage', 'odd,name'];
const labelSets = [undefined, { a: '1', b: 'x y' }, { b: 'x y', a: '1' }, { a: "'" }];
const bucketWidths = [1, 1000, 60_000, 77_777, 3_600_000, 86_400_000];

/** Events of two tenants from small sets of values, with those among them that an engine could take for something else. */
export function questionEvents(random: Random, count: number): EnrichedEvent[] {
  return Array.from({ length: count }, (_, number) => {
    const late = random.below(8) === 0 ? pick(random, lateDevices).deviceId : undefined;
    const eventTime = momentOf(random);
    return enrichedEvent(number, {
      tenantId: pick(random, ['north', 'north', 'north', 'south']),
      toolType: pick(random, tools),
      eventType: pick(random, eventTypes),
      severity: pick(random, severities),
      summary: sentence(random),
      eventTime,
      ingestTime: eventTime + 5,
      ...(late === undefined ? knownDevice(random) : { deviceId: late, ...ownHostname(random) }),
      ...contents(random),
    });
  });
}

/** Around the edges of buckets, at equal moments, and before 1970. */
function momentOf(random: Random): number {
  const edge = startMs + random.below(40) * 60_000 + random.below(3) - 1;
  return random.below(20) === 0 ? -1 - random.below(200_000) : edge;
}

function knownDevice(random: Random): Partial<EnrichedEvent> {
  const deviceId = pick(random, devices);
  const [organizationId, organizationName] = pick(random, organizations);
  return {
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(random.below(3) === 0 ? {} : { hostname: `host.${pick(random, words)}` }),
    ...(random.below(3) === 0 ? {} : { organizationId }),
    ...(organizationName === undefined || random.below(3) === 0 ? {} : { organizationName }),
  };
}

/** Some events of a device say its name themselves, whatever it became known by. */
function ownHostname(random: Random): Partial<EnrichedEvent> {
  return random.below(3) === 0 ? { hostname: `own.${pick(random, words)}` } : {};
}

function contents(random: Random): Partial<EnrichedEvent> {
  const kind = random.below(4);
  if (kind === 0) return { sourceType: agentEventTypes.metrics, data: { samples: samples(random) } };
  if (kind === 1)
    return { data: { message: `${sentence(random)}\nsecond ${pick(random, words)}`, message2: 'no' } };
  if (kind === 2)
    return {
      sourceType: 'tool.word',
      data: { message: pick<unknown>(random, [7, true, null, ['in a list'], 'told']) },
    };
  return {};
}

function sentence(random: Random): string {
  return Array.from({ length: 1 + random.below(4) }, () => pick(random, words)).join(
    pick(random, [' ', '-', '/']),
  );
}

function samples(random: Random): MetricSample[] {
  return Array.from({ length: random.below(5) }, () => {
    const labels = pick(random, labelSets);
    // Eighths: sums of them are exact in any order.
    const value = (random.below(2000) - 1000) / 8;
    return { name: pick(random, metricNames), value, unit: '1', ...(labels === undefined ? {} : { labels }) };
  });
}

const searches = [
  'disk',
  'DI',
  'größe',
  'GRÖSSE',
  'host',
  'late',
  'SPÄTE',
  'second',
  'inc',
  '100%',
  'a_',
  "o'",
  'full disk',
];
const moreSearches = [
  'back\\',
  '日',
  'told',
  'in',
  '7',
  'tru',
  'no',
  'null',
  '"',
  '  disk ',
  'second disk',
  '%',
  '.',
  'isk',
];

/** A filter of a few conditions, nearly all of values that the events hold. */
export function randomFilter(random: Random, events: readonly EnrichedEvent[]): EventFilter {
  const model = events[random.below(events.length)] ?? enrichedEvent(0);
  const sometimes = (): boolean => random.below(4) === 0;
  const some = <T>(values: readonly T[]): T[] => values.filter(() => random.below(2) === 0);
  const edge = (): number => pick(random, events).eventTime + random.below(3) - 1;
  return {
    ...(sometimes() ? { fromMs: edge() } : {}),
    ...(sometimes() ? { toMs: edge() } : {}),
    ...(sometimes() ? { eventTypes: [...some(eventTypes), model.eventType] } : {}),
    ...(sometimes() ? { toolTypes: some(tools) } : {}),
    ...(sometimes() ? { severities: some(severities) } : {}),
    ...(sometimes() ? { organizationIds: some(['org-1', 'ORG-1', 'org,2', 'o"3', 'none', '']) } : {}),
    ...(sometimes() && model.deviceId !== undefined ? { deviceId: model.deviceId } : {}),
    ...(random.below(9) === 0 ? { withoutDevice: true } : {}),
    ...(sometimes() ? { search: pick(random, [...searches, ...moreSearches]) } : {}),
  };
}

export function randomStatsRequest(random: Random, events: readonly EnrichedEvent[]): EventStatsRequest {
  const groupBy = facetNames[random.below(facetNames.length + 1)];
  const filter = randomFilter(random, events);
  return {
    filter,
    bucketMs: pick(random, bucketWidths),
    top: random.below(5),
    ...(groupBy === undefined ? {} : { groupBy }),
  };
}

export function randomSeriesRequest(random: Random): MetricSeriesRequest {
  const fromMs = startMs - 60_000 + random.below(1_200_000);
  const named = random.below(2) === 0 ? undefined : [1, 2, 3].slice(random.below(3));
  const deviceIds = named?.flatMap(() => pick(random, [...devices, 'late,1']) ?? []);
  return {
    name: pick(random, [...metricNames, 'no.such']),
    fromMs,
    toMs: fromMs + 1 + random.below(2_400_000),
    bucketMs: pick(random, bucketWidths.slice(1)),
    aggregate: pick(random, aggregates),
    ...(deviceIds === undefined ? {} : { deviceIds }),
  };
}

function pick<T>(random: Random, values: readonly T[]): T {
  for (const value of values.slice(random.below(values.length))) return value;
  throw new Error('there is nothing to pick from');
}
