import { type EnrichedEvent, messageOf } from '../contracts/enriched.ts';
import { agentEventTypes, metricsDataSchema } from '../contracts/event.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type {
  Aggregate,
  EventFilter,
  EventStats,
  EventStatsRequest,
  FacetName,
  MetricSeries,
  MetricSeriesRequest,
} from '../sinks/analytics.ts';

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
    (filter.withoutDevice !== true || event.deviceId === undefined) &&
    (filter.search ?? '').split(/\s+/u).every((word) => startsAWord(event, word))
  );
}

function startsAWord(event: EnrichedEvent, word: string): boolean {
  const { summary, hostname = '', organizationName = '', data } = event;
  return [summary, hostname, organizationName, messageOf(data) ?? ''].some((text) =>
    Array.from({ length: text.length + 1 }, (_, at) => at).some(
      (at) =>
        (at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) &&
        text.slice(at).toLowerCase().startsWith(word.toLowerCase()),
    ),
  );
}

/** Counts by time and group: see `Analytics.stats`. */
export function plainStats(
  events: readonly EnrichedEvent[],
  scope: TenantScope,
  { filter, bucketMs, groupBy, top }: EventStatsRequest,
): EventStats {
  const expected = matching(events, scope, filter);
  const named = groupBy === undefined ? [] : countBy(expected, groupBy).slice(0, top);
  const isNamed = new Set(named.map(({ key }) => key));
  const buckets = Map.groupBy(expected, (e) => Math.floor(e.eventTime / bucketMs) * bucketMs);
  return {
    total: expected.length,
    buckets: [...buckets].map(([startMs, inBucket]) => ({
      startMs,
      count: inBucket.length,
      groups: groupBy === undefined ? [] : countBy(inBucket, groupBy).filter((g) => isNamed.has(g.key)),
    })),
  };
}

/** One series a device and set of labels: see `Analytics.metricSeries`. In no order. */
export function plainSeries(
  events: readonly EnrichedEvent[],
  scope: TenantScope,
  { bucketMs, aggregate, name, fromMs, toMs, deviceIds }: MetricSeriesRequest,
): MetricSeries[] {
  const found = matching(events, scope, { fromMs, toMs }).flatMap(
    ({ deviceId: device, sourceType, eventTime, data }) => {
      if (sourceType !== agentEventTypes.metrics || device === undefined) return [];
      if (deviceIds?.includes(device) === false) return [];
      const samples = metricsDataSchema.parse(data).samples.filter((sample) => sample.name === name);
      const startMs = Math.floor(eventTime / bucketMs) * bucketMs;
      return samples.map(({ labels = {}, value }) => ({ deviceId: device, labels, value, startMs }));
    },
  );
  const series = Map.groupBy(found, ({ deviceId: device, labels }) =>
    JSON.stringify([device, Object.entries(labels).sort()]),
  );
  return [...series.values()].map((samples) => ({
    deviceId: samples[0]?.deviceId ?? '',
    labels: samples[0]?.labels ?? {},
    points: [...Map.groupBy(samples, ({ startMs }) => startMs)].map(([startMs, inBucket]) => [
      startMs,
      aggregateOf(
        aggregate,
        inBucket.map(({ value }) => value),
      ),
    ]),
  }));
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
function aggregateOf(aggregate: Aggregate, values: readonly number[]): number {
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
