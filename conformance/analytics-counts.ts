import { expect } from 'vitest';

import type { Aggregate, Analytics, MetricSeries, MetricSeriesRequest } from '../sinks/analytics.ts';
import { enrichedBatch, enrichedEvent, startMs } from './enriched-events.ts';
import { type EventSinkSubject, north, signal } from './event-sinks.ts';
import type { Laws } from './laws.ts';

const metricsType = 'openframe.metrics';

/** Counts, statistics and series: what is special about them. `questionLaws` compares answers to many questions. */
export const analyticsCountLaws: Laws<EventSinkSubject<Analytics>> = {
  'labels organizations and devices with their newest names, other values with themselves': async ({
    store,
  }) => {
    const known = { deviceId: 'd', organizationId: 'o' };
    const events = [
      enrichedEvent(1, { ...known, hostname: 'old', organizationName: 'Old' }),
      enrichedEvent(3, { ...known, deviceId: 'nameless' }),
      enrichedEvent(2, { ...known, hostname: 'new', organizationName: 'New' }),
    ];
    await store.write([enrichedBatch(events)], signal);
    const facets = await store.facets(north, {}, 10);
    expect(facets.deviceId.map((v) => v.label)).toEqual(['new', 'nameless']);
    expect(facets.organizationId.map((v) => v.label)).toEqual(['New']);
    expect(facets.severity).toEqual([{ value: 'INFO', label: 'INFO', count: 3 }]);
  },
  'counts nothing in an empty store': async ({ store }) => {
    expect(await store.stats(north, { filter: {}, bucketMs: 1000, top: 3 })).toEqual({
      total: 0,
      buckets: [],
    });
    expect(Object.values(await store.facets(north, {}, 5)).flat()).toEqual([]);
    expect(await store.metricSeries(north, seriesRequest('avg', 1000))).toEqual([]);
  },
  'refuses more buckets than anybody can look at': async ({ store }) => {
    const events = Array.from({ length: 10_001 }, (_, n) => enrichedEvent(n));
    await store.write([enrichedBatch(events)], signal);
    const refusal = { code: 'QUERY_INVALID' };
    await expect(store.stats(north, { filter: {}, bucketMs: 1, top: 3 })).rejects.toMatchObject(refusal);
    for (const bucketMs of [0, -1, 0.5, Number.NaN, Infinity]) {
      await expect(store.stats(north, { filter: {}, bucketMs, top: 3 })).rejects.toMatchObject(refusal);
      await expect(store.metricSeries(north, seriesRequest('avg', bucketMs))).rejects.toMatchObject(refusal);
    }
    await expect(store.metricSeries(north, seriesRequest('avg', 1))).rejects.toMatchObject(refusal);
  },
  'counts the samples of an event once, however often it is written': async ({ store }) => {
    const data = {
      samples: [
        { name: 'cpu', value: 2, unit: '1' },
        { name: 'cpu', value: 3, unit: '1' },
      ],
    };
    const event = enrichedEvent(1, { deviceId: 'd', sourceType: metricsType, data });
    await store.write([enrichedBatch([event, event])], signal);
    await store.write([enrichedBatch([event])], signal);
    const [series] = await store.metricSeries(north, {
      ...seriesRequest('count', 60_000),
      name: 'cpu',
      fromMs: startMs,
    });
    expect(series).toEqual({ deviceId: 'd', labels: {}, points: [[startMs, 2]] });
  },
  'takes the good samples of an event beside malformed ones, and samples of metrics events alone': async ({
    store,
  }) => {
    const good = { name: 'cpu', value: 1, unit: '1' };
    const list = [good, 7, null, 'x', { name: 'cpu' }, { value: 5 }, { name: 'cpu', value: {}, unit: 1 }];
    const labelled = { ...good, labels: { b: '"', a: "'" } };
    const datas: unknown[] = [
      { samples: list },
      { samples: 'none' },
      'text',
      { samples: [labelled] },
      { other: 1 },
    ];
    const events = datas.map((data, i) => enrichedEvent(i, { deviceId: 'd', sourceType: metricsType, data }));
    const other = enrichedEvent(9, { deviceId: 'd', data: { samples: [good] } });
    expect(await store.write([enrichedBatch([...events, other])], signal)).toEqual([]);
    const found = await store.metricSeries(north, {
      ...seriesRequest('count', 60_000),
      name: 'cpu',
      fromMs: startMs,
    });
    expect(byIdentity(found)).toEqual(
      byIdentity([
        { deviceId: 'd', labels: {}, points: [[startMs, 1]] },
        { deviceId: 'd', labels: { a: "'", b: '"' }, points: [[startMs, 1]] },
      ]),
    );
  },
  'gives at most 200 series': async ({ store }) => {
    const data = { samples: [{ name: 'cpu', value: 1, unit: '1' }] };
    const events = Array.from({ length: 250 }, (_, n) =>
      enrichedEvent(n, { deviceId: `device-${n}`, sourceType: metricsType, data }),
    );
    await store.write([enrichedBatch(events)], signal);
    const found = await store.metricSeries(north, {
      ...seriesRequest('max', 60_000),
      name: 'cpu',
      fromMs: startMs,
    });
    expect(new Set(found.map((s) => s.deviceId)).size).toBe(200);
    expect(found.every((s) => s.points.length === 1)).toBe(true);
  },
  'shares series among named devices, the fewest labels first': async ({ store }) => {
    const sample = { name: 'cpu', value: 1, unit: '1' };
    const ofMany = Array.from({ length: 150 }, (_, n) => ({ ...sample, labels: { core: String(n) } }));
    const events = ['a', 'b', 'c'].map((deviceId, n) =>
      enrichedEvent(n, {
        deviceId,
        sourceType: metricsType,
        data: { samples: deviceId === 'b' ? [sample] : [...ofMany, sample] },
      }),
    );
    await store.write([enrichedBatch(events)], signal);
    const found = await store.metricSeries(north, {
      ...seriesRequest('max', 60_000),
      name: 'cpu',
      deviceIds: ['a', 'b', 'none'],
      fromMs: startMs,
    });
    const ofA = found.filter(({ deviceId }) => deviceId === 'a');
    expect(ofA).toHaveLength(66);
    expect(ofA[0]?.labels).toEqual({});
    expect(found.filter(({ deviceId }) => deviceId !== 'a')).toEqual([
      { deviceId: 'b', labels: {}, points: [[startMs, 1]] },
    ]);
  },
};

function seriesRequest(aggregate: Aggregate, bucketMs: number): MetricSeriesRequest {
  const range = { fromMs: startMs + 10_000, toMs: startMs + 400_000 };
  const name = 'system.cpu.utilization';
  return { name, ...range, bucketMs, aggregate };
}

/** Series in an order of their own, with values rounded to what a sum in any order keeps. */
export function byIdentity(series: readonly MetricSeries[]): unknown[] {
  const rounded = series.map((s) => [
    `${s.deviceId} ${JSON.stringify(Object.entries(s.labels).sort())}`,
    s.points.map(([start, value]) => [start, Number(value.toPrecision(12))]),
  ]);
  return rounded.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}
