import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Aggregate, MetricSeries, MetricSeriesRequest } from '../analytics.ts';
import type { Row } from './answer.ts';
import { bucketLimit, bucketSql, checkBucket, tooManyBuckets } from './buckets.ts';
import { noLateFacts } from './late-facts.ts';
import { eventConditions, isIn } from './event-filter.ts';
import { seriesLimit, shareSeries } from '../series-share.ts';
import { runBounded } from '../../streams/run-bounded.ts';
import { fromSeriesText } from './series.ts';
import { fromStoredText, literal, textLiteral, textLiterals } from './stored-text.ts';
import type { TenantRows } from './tenant-rows.ts';

const pointLimit = 200_000;
const groupLimit = 100_000;
/** Above it percentiles of a series are Pinot's: the sample of that rank, with nothing between two samples. */
const exactSamples = 200_000;
/** Questions of one request that are under way at once. */
const concurrency = 4;

const fractions: Readonly<Partial<Record<Aggregate, number>>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

/** The samples of one metric: of one tenant, in a range of time. */
interface Samples {
  readonly rows: TenantRows;
  readonly scope: TenantScope;
  readonly request: MetricSeriesRequest;
  readonly where: readonly string[];
}

interface GrowingSeries extends MetricSeries {
  readonly points: [number, number][];
}

/** One set of labels of the metric, and the devices that have it. */
interface LabelSet {
  readonly text: string;
  readonly devices: Map<string, GrowingSeries>;
  samples: number;
}

/** Series of one metric: see `Analytics.metricSeries`. Throws `QUERY_INVALID` for too many buckets or points. */
export async function metricSeries(
  rows: TenantRows,
  scope: TenantScope,
  request: MetricSeriesRequest,
): Promise<readonly MetricSeries[]> {
  const { bucketMs, fromMs, toMs, name, deviceIds } = request;
  checkBucket(bucketMs);
  if ((toMs - fromMs) / bucketMs > bucketLimit) throw tooManyBuckets();
  if (deviceIds?.length === 0) return [];
  const where = [
    ...eventConditions({ fromMs, toMs }, noLateFacts),
    `names = ${textLiteral(name)}`,
    ...(deviceIds === undefined ? [] : [isIn('device_id', deviceIds)]),
  ];
  const samples: Samples = { rows, scope, request, where };
  const { series, sets } = await findSeries(samples);
  let points = 0;
  await runBounded(sets, concurrency, async (set) => {
    for (const [device, startMs, value] of await pointsOf(samples, set)) {
      set.devices.get(device)?.points.push([startMs, value]);
      if (++points > pointLimit) throw tooManyPoints();
    }
  });
  for (const one of series) one.points.sort(([a], [b]) => a - b);
  return series;
}

/** The first series in the order of device and labels, of named devices their share, with the label sets. */
async function findSeries({ rows, scope, request, where }: Samples): Promise<{
  readonly series: readonly GrowingSeries[];
  readonly sets: readonly LabelSet[];
}> {
  const { deviceIds } = request;
  const [texts, ofDevices] = await Promise.all([
    rows.of(scope, 'samples', {
      select: 'series, COUNT(*)',
      where,
      rest: `GROUP BY series LIMIT ${groupLimit}`,
    }),
    deviceIds === undefined ? firstDevices({ rows, scope, where }) : [],
  ]);
  const ofMetric = texts
    .map(([text]) => String(text))
    .filter((text) => fromSeriesText(text).name === request.name);
  if (ofMetric.length === 0) return { series: [], sets: [] };
  const which = `VALUEIN(series, ${ofMetric.map(literal).join(', ')})`;
  const found = await rows.of(scope, 'samples', {
    select: `device_id, ${which}, COUNT(*)`,
    where: [...where, ...ofDevices],
    rest: `GROUP BY device_id, ${which} ORDER BY device_id, ${which} LIMIT ${deviceIds === undefined ? seriesLimit : groupLimit}`,
  });
  const all = found.map(([device, text, count]) => {
    const { labels } = fromSeriesText(String(text));
    return { deviceId: fromStoredText(device) ?? '', labels, text: String(text), samples: Number(count) };
  });
  return bySets(deviceIds === undefined ? all : shareSeries(all, deviceIds.length));
}

/** The condition on the devices that can have one of the first series, where none is named. */
async function firstDevices({ rows, scope, where }: Omit<Samples, 'request'>): Promise<string[]> {
  const found = await rows.of(scope, 'samples', {
    select: 'device_id, COUNT(*)',
    where,
    rest: `GROUP BY device_id ORDER BY device_id LIMIT ${seriesLimit}`,
  });
  const devices = found.map(([device]) => fromStoredText(device) ?? '');
  return [isIn('device_id', devices)];
}

interface Found extends Omit<MetricSeries, 'points'> {
  readonly text: string;
  readonly samples: number;
}

function bySets(found: readonly Found[]): {
  readonly series: readonly GrowingSeries[];
  readonly sets: readonly LabelSet[];
} {
  const sets = new Map<string, LabelSet>();
  const series = found.map(({ deviceId, labels, text, samples }) => {
    const set = sets.get(text) ?? { text, devices: new Map(), samples: 0 };
    sets.set(text, set);
    const one: GrowingSeries = { deviceId, labels, points: [] };
    set.devices.set(deviceId, one);
    set.samples += samples;
    return one;
  });
  return { series, sets: [...sets.values()] };
}

type Point = readonly [deviceId: string, startMs: number, value: number];

async function pointsOf(samples: Samples, set: LabelSet): Promise<readonly Point[]> {
  const { aggregate } = samples.request;
  const fraction = fractions[aggregate];
  if (fraction !== undefined && set.samples <= exactSamples) return exactPercentiles(samples, set, fraction);
  const value = valueSql(set);
  const sql: Readonly<Record<Aggregate, string>> = {
    avg: `AVG(${value})`,
    min: `MIN(${value})`,
    max: `MAX(${value})`,
    p50: `PERCENTILE(${value}, 50)`,
    p95: `PERCENTILE(${value}, 95)`,
    p99: `PERCENTILE(${value}, 99)`,
    sum: `SUM(${value})`,
    count: 'COUNT(*)',
  };
  const bucket = bucketSql(samples.request.bucketMs);
  const rest = `GROUP BY device_id, ${bucket} LIMIT ${pointLimit + 1}`;
  return (await select(samples, set, `device_id, ${bucket}, ${sql[aggregate]}`, rest)).map(pointOf);
}

/** Percentiles between the two nearest samples (type 7 of Hyndman and Fan, 1996), which Pinot does not compute. */
async function exactPercentiles(
  samples: Samples,
  set: LabelSet,
  fraction: number,
): Promise<readonly Point[]> {
  const { bucketMs } = samples.request;
  const columns = `device_id, event_time, ${valueSql(set)}`;
  const found = (await select(samples, set, columns, `LIMIT ${exactSamples * 2}`)).map(pointOf);
  const byDevice = Map.groupBy(found, ([device]) => device);
  return [...byDevice].flatMap(([device, ofDevice]) => {
    const buckets = Map.groupBy(ofDevice, ([, timeMs]) => Math.floor(timeMs / bucketMs) * bucketMs);
    return [...buckets].map(([startMs, inBucket]): Point => {
      const values = inBucket.map(([, , value]) => value);
      return [device, startMs, percentile(values, fraction)];
    });
  });
}

function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (above - below) * (place - Math.floor(place));
}

function select(
  { rows, scope, where }: Samples,
  set: LabelSet,
  columns: string,
  rest: string,
): Promise<readonly Row[]> {
  const devices = `device_id IN (${textLiterals([...set.devices.keys()])})`;
  const ofSet = [...where, `series = ${literal(set.text)}`, devices];
  return rows.of(scope, 'samples', { select: columns, where: ofSet, rest });
}

/** In a row each series stands once: its value is at its place among the values. */
function valueSql({ text }: LabelSet): string {
  return `MAPVALUE(series, ${literal(text)}, vals)`;
}

function pointOf([device, timeMs, value]: Row): Point {
  return [fromStoredText(device) ?? '', Number(timeMs), Number(value)];
}

function tooManyPoints(): OpenFrameError {
  return new OpenFrameError(
    'QUERY_INVALID',
    `The series have more than ${pointLimit} points together: choose a wider bucket or one device.`,
    { details: { field: 'bucket', limit: pointLimit } },
  );
}
