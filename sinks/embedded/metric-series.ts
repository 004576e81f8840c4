import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Aggregate, MetricSeries, MetricSeriesRequest } from '../analytics.ts';
import type { DuckDbReader } from './duckdb-file.ts';
import { numberOf, textOf, textSql } from './event-columns.ts';
import { bucketLimit, bucketSql, checkBucket, tooManyBuckets } from './event-counts.ts';
import { type BoundSql, eventsOf } from './event-filter.ts';
import { seriesLimit, shareSeries } from '../series-share.ts';
import type { Parameter } from './rows-of.ts';
import { hasSamplesSql, samplesSql } from './samples.ts';

/** Ways of writing label sets that are looked at: a set may come with its labels in any order. */
const writingsLimit = 2_000;
const pointLimit = 200_000;

/** Percentiles are interpolated between the two nearest samples (type 7 of Hyndman and Fan, 1996). */
const aggregateSql: Readonly<Record<Aggregate, string>> = {
  avg: 'avg(value)',
  min: 'min(value)',
  max: 'max(value)',
  p50: 'quantile_cont(value, 0.5)',
  p95: 'quantile_cont(value, 0.95)',
  p99: 'quantile_cont(value, 0.99)',
  sum: 'sum(value)',
  count: 'count(*)::DOUBLE',
};

/** One device's way of writing one label set, and the series it belongs to. */
interface Writing {
  readonly deviceId: string;
  readonly text: string;
  readonly series: number;
}

/** Series of one metric: see `Analytics.metricSeries`. Throws `QUERY_INVALID` for too many buckets or points. */
export async function metricSeries(
  file: DuckDbReader,
  scope: TenantScope,
  request: MetricSeriesRequest,
): Promise<readonly MetricSeries[]> {
  const { bucketMs, fromMs, toMs, deviceIds } = request;
  checkBucket(bucketMs);
  if ((toMs - fromMs) / bucketMs > bucketLimit) throw tooManyBuckets();
  if (deviceIds?.length === 0) return [];
  const samples = samplesOf(scope, request);
  const answered = deviceIds === undefined ? null : await inOneReading(file, request, samples, deviceIds);
  return answered ?? (await inTwoReadings(file, request, samples));
}

/**
 * Named devices have few of the samples that are stored, and finding them is most of the work. Null where they have too
 * many points for one answer, or a label set is written in two ways: then its buckets are not yet whole.
 */
async function inOneReading(
  file: DuckDbReader,
  { bucketMs, aggregate }: MetricSeriesRequest,
  samples: BoundSql,
  deviceIds: readonly string[],
): Promise<readonly MetricSeries[] | null> {
  const rows = await file.query(
    `SELECT ${textSql('device_id')} AS device, ${textSql('labels')} AS writing, ${bucketSql} AS bucket,
       ${aggregateSql[aggregate]}
     FROM (${samples.sql}) GROUP BY ALL ORDER BY device, writing, bucket LIMIT ${pointLimit + 1}`,
    [...bucketParameters(bucketMs), ...samples.parameters],
  );
  if (rows.length > pointLimit) return null;
  const byWriting = new Map<string, GrowingSeries>();
  for (const [device, writing, startMs, value] of rows) {
    const deviceId = textOf(device) ?? '';
    const text = textOf(writing) ?? '';
    const key = JSON.stringify([deviceId, text]);
    const series = byWriting.get(key) ?? { deviceId, labels: labelsOf(text), points: [] };
    byWriting.set(key, series);
    series.points.push([numberOf(startMs), numberOf(value)]);
  }
  const series = [...byWriting.values()];
  if (new Set(series.map(identityOf)).size < series.length) return null;
  return shareSeries(series, deviceIds.length);
}

async function inTwoReadings(
  file: DuckDbReader,
  { bucketMs, aggregate, deviceIds }: MetricSeriesRequest,
  samples: BoundSql,
): Promise<readonly MetricSeries[]> {
  const which =
    deviceIds === undefined
      ? `ORDER BY device, writing LIMIT ${writingsLimit}`
      : `QUALIFY row_number() OVER (PARTITION BY device ORDER BY length(writing), writing)
         <= ${Math.ceil(writingsLimit / deviceIds.length)}`;
  const found = await file.query(
    `SELECT ${textSql('device_id')} AS device, ${textSql('labels')} AS writing
     FROM (SELECT DISTINCT device_id, labels FROM (${samples.sql})) ${which}`,
    samples.parameters,
  );
  const { series, writings } = groupWritings(
    found.map((row) => [textOf(row[0]) ?? '', textOf(row[1]) ?? '']),
    deviceIds?.length,
  );
  if (series.length === 0) return [];
  const rows = await file.query(
    `SELECT series, ${bucketSql} AS bucket, ${aggregateSql[aggregate]}
     FROM (${samples.sql}) s JOIN (VALUES ${writings.map(() => '(?, ?, ?)').join(', ')}) w (device, labels, series)
       ON s.device_id = w.device AND s.labels = w.labels
     GROUP BY ALL ORDER BY series, bucket LIMIT ${pointLimit + 1}`,
    [
      ...bucketParameters(bucketMs),
      ...samples.parameters,
      ...writings.flatMap((w): Parameter[] => [w.deviceId, w.text, BigInt(w.series)]),
    ],
  );
  if (rows.length > pointLimit) throw tooManyPoints();
  for (const row of rows) series[numberOf(row[0])]?.points.push([numberOf(row[1]), numberOf(row[2])]);
  return series;
}

function bucketParameters(bucketMs: number): Parameter[] {
  return [BigInt(bucketMs), BigInt(bucketMs)];
}

/** The samples of one metric in a range of time, a row each. */
function samplesOf(scope: TenantScope, { name, deviceIds, fromMs, toMs }: MetricSeriesRequest): BoundSql {
  const events = eventsOf(scope, { fromMs, toMs });
  const devices = deviceIds === undefined ? 'IS NOT NULL' : `IN (${deviceIds.map(() => '?').join(', ')})`;
  return {
    sql: `
      SELECT device_id, event_time, coalesce(sample.labels, '{}') AS labels, sample.value AS value FROM (
        SELECT device_id, event_time, unnest(${samplesSql}) AS sample
        ${events.sql} AND ${hasSamplesSql} AND device_id ${devices}
      ) WHERE sample.name = ? AND isfinite(sample.value)`,
    parameters: [...events.parameters, ...(deviceIds ?? []), name],
  };
}

interface GrowingSeries extends MetricSeries {
  readonly points: [number, number][];
}

function identityOf({ deviceId, labels }: MetricSeries): string {
  return JSON.stringify([deviceId, Object.entries(labels)]);
}

/** The series that are answered, those of named devices by their share, and the writings of each. */
function groupWritings(
  found: readonly (readonly [string, string])[],
  named: number | undefined,
): { readonly series: readonly GrowingSeries[]; readonly writings: readonly Writing[] } {
  const all = new Map<string, { readonly series: GrowingSeries; readonly texts: string[] }>();
  for (const [deviceId, text] of found) {
    const series: GrowingSeries = { deviceId, labels: labelsOf(text), points: [] };
    const identity = identityOf(series);
    const one = all.get(identity) ?? { series, texts: [] };
    one.texts.push(text);
    all.set(identity, one);
  }
  const grouped = [...all.values()].map(({ series }) => series);
  const series = named === undefined ? grouped.slice(0, seriesLimit) : shareSeries(grouped, named);
  const writings = series.flatMap((one, place) =>
    (all.get(identityOf(one))?.texts ?? []).map((text) => ({ deviceId: one.deviceId, text, series: place })),
  );
  return { series, writings };
}

/** Labels by name in ascending order; what is no label set has none. */
function labelsOf(text: string): Readonly<Record<string, string>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return {};
  const entries = Object.entries(parsed).map(([name, value]): [string, string] => [name, labelText(value)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function labelText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function tooManyPoints(): OpenFrameError {
  return new OpenFrameError(
    'QUERY_INVALID',
    `The series have more than ${pointLimit} points together: choose a wider bucket or one device.`,
    { details: { field: 'bucket', limit: pointLimit } },
  );
}
