import type { EnrichedEvent } from '../contracts/enriched.ts';
import { severities } from '../contracts/event.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Aggregate, EventFilter, FacetName } from '../sinks/analytics.ts';
import type { Random } from '../streams/random.ts';
import { startMs } from './enriched-events.ts';

/** What analytics must answer, computed plainly: no index, no SQL, one event after the other. */
export function matching(
  events: readonly EnrichedEvent[],
  scope: TenantScope,
  filter: EventFilter,
): readonly EnrichedEvent[] {
  const found = events.filter((event) => event.tenantId === scope.tenantId && matches(event, filter));
  return found.sort((a, b) => a.eventTime - b.eventTime || (a.eventId < b.eventId ? -1 : 1));
}

function matches(event: EnrichedEvent, filter: EventFilter): boolean {
  const isIn = (value: string | undefined, values: readonly string[] | undefined): boolean =>
    values === undefined || (value !== undefined && values.includes(value));
  return (
    event.eventTime >= (filter.fromMs ?? -Infinity) &&
    event.eventTime < (filter.toMs ?? Infinity) &&
    isIn(event.eventType, filter.eventTypes) &&
    isIn(event.toolType, filter.toolTypes) &&
    isIn(event.severity, filter.severities) &&
    isIn(event.organizationId, filter.organizationIds) &&
    (filter.deviceId === undefined || event.deviceId === filter.deviceId) &&
    (filter.search ?? '').split(/\s+/u).every((word) => startsAWord(event, word))
  );
}

function startsAWord(event: EnrichedEvent, word: string): boolean {
  return [event.summary, event.hostname ?? '', event.organizationName ?? ''].some((text) =>
    Array.from({ length: text.length + 1 }, (_, at) => at).some(
      (at) =>
        (at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) &&
        text.slice(at).toLowerCase().startsWith(word.toLowerCase()),
    ),
  );
}

/** A filter of a few conditions, drawn from what the events hold. */
export function randomFilter(random: Random, events: readonly EnrichedEvent[]): EventFilter {
  const model = events[random.below(events.length)];
  const sometimes = (): boolean => random.below(3) === 0;
  const fromMs = startMs + random.below(events.length) * 1000;
  const searches = ['disk', 'DI', 'größe', 'host', 'org 1', '100%', 'a_', "o'", 'full login', 'back\\', '日'];
  return {
    ...(sometimes() ? { fromMs } : {}),
    ...(sometimes() ? { toMs: fromMs + random.below(events.length) * 1000 } : {}),
    ...(sometimes() ? { eventTypes: ['LOGIN', 'METRICS'].slice(random.below(2)) } : {}),
    ...(sometimes() ? { toolTypes: ['OTLP', 'FLEET_MDM'].slice(random.below(2)) } : {}),
    ...(sometimes() ? { severities: severities.slice(random.below(4)) } : {}),
    ...(sometimes() ? { organizationIds: ['org-1', 'org-2', 'none'].slice(random.below(3)) } : {}),
    ...(sometimes() && model?.deviceId !== undefined ? { deviceId: model.deviceId } : {}),
    ...(sometimes() ? { search: searches[random.below(searches.length)] ?? '' } : {}),
  };
}

/** Values and their counts, largest first, then by value. */
export function countBy(
  events: readonly EnrichedEvent[],
  facet: FacetName,
): readonly { readonly key: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const event of events) {
    const key = event[facet];
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .map(([key, count]) => ({ key, count }))
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
}

/** An aggregate of one bucket's samples. Percentiles lie between the two nearest samples, by their distance. */
export function aggregateOf(aggregate: Aggregate, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const sum = values.reduce((total, value) => total + value, 0);
  if (aggregate === 'count') return values.length;
  if (aggregate === 'sum') return sum;
  if (aggregate === 'avg') return sum / values.length;
  const fractions = { min: 0, p50: 0.5, p95: 0.95, p99: 0.99, max: 1 };
  const place = fractions[aggregate] * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
