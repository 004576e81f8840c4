import { agentEventTypes, type MetricSample } from '../../contracts/event.ts';
import type { OtlpEvent, OtlpInput, OtlpRead } from '../../contracts/otlp.ts';
import { otlpDecoder } from './otlp/otlp-decoder.ts';
import { createEventNaming, originOf } from './otlp/otlp-event.ts';
import { readRequest } from './otlp/read-request.ts';
import { exportMetricsRequest } from './otlp/schema.ts';
import { listOf, millisOf, numberOf, plainAttributes, textOf } from './otlp/values.ts';
import { type Members, membersOf } from './values.ts';

/** Keeps an event well below the size that the door takes. */
const samplesPerEvent = 200;
/** DataPointFlags: the point says that there is no value. */
const noRecordedValue = 1;

/** Data points of one moment, and how many they are. */
interface Moment {
  readonly samples: MetricSample[];
  points: number;
}

/**
 * The `openframe.metrics` events of an ExportMetricsServiceRequest: the points of a resource and moment share an
 * event. Gauges and sums are samples of their name; histograms and summaries are samples `<name>.count` and
 * `<name>.sum`.
 */
export function readOtlpMetrics(input: OtlpInput): OtlpRead {
  const read = readRequest(input, exportMetricsRequest);
  return read.kind === 'refused' ? read : metricEvents(read.request, input);
}

/** The same from a topic. */
export const decodeOtlpMetrics = otlpDecoder(readOtlpMetrics);

function metricEvents(request: unknown, { deviceId, receivedMs }: OtlpInput): OtlpRead {
  const name = createEventNaming();
  const events: OtlpEvent[] = [];
  let unusablePoints = 0;
  for (const resourceMetrics of listOf(membersOf(request)['resourceMetrics']).map(membersOf)) {
    const origin = originOf(membersOf(resourceMetrics['resource']), deviceId);
    const moments = new Map<number, Moment>();
    const flush = (timeMs: number, { samples, points }: Moment): void => {
      events.push(name(origin, { type: agentEventTypes.metrics, timeMs, data: { samples }, points }));
    };
    for (const { metric, point } of pointsOf(resourceMetrics)) {
      if ((numberOf(point['flags']) & noRecordedValue) !== 0) continue;
      const samples = samplesOf(metric, point);
      if (samples === null) {
        unusablePoints++;
        continue;
      }
      const timeMs = millisOf(point['timeUnixNano']) || receivedMs;
      const moment = moments.get(timeMs) ?? { samples: [], points: 0 };
      moments.set(timeMs, moment);
      moment.samples.push(...samples);
      moment.points++;
      if (moment.samples.length < samplesPerEvent) continue;
      flush(timeMs, moment);
      moments.delete(timeMs);
    }
    for (const [timeMs, moment] of moments) flush(timeMs, moment);
  }
  return { kind: 'events', events, unusablePoints };
}

const pointKinds = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

function* pointsOf(
  resourceMetrics: Members,
): Generator<{ readonly metric: Members; readonly point: Members }> {
  for (const scopeMetrics of listOf(resourceMetrics['scopeMetrics'])) {
    for (const item of listOf(membersOf(scopeMetrics)['metrics'])) {
      const metric = membersOf(item);
      for (const kind of pointKinds) {
        for (const point of listOf(membersOf(metric[kind])['dataPoints'])) {
          yield { metric, point: membersOf(point) };
        }
      }
    }
  }
}

/** null where the point has no finite value or its metric no name. */
function samplesOf(metric: Members, point: Members): MetricSample[] | null {
  const name = textOf(metric['name']);
  const unit = textOf(metric['unit']).slice(0, 64);
  const labels = labelsOf(point['attributes']);
  const sample = (suffix: string, value: number, unitOfValue: string): MetricSample => ({
    name: name + suffix,
    value,
    unit: unitOfValue,
    ...(labels === undefined ? {} : { labels }),
  });
  if (name === '' || name.length > 250) return null;
  const counted = point['count'] !== undefined;
  const value = numberOf(counted ? point['count'] : (point['asDouble'] ?? point['asInt']));
  if (!Number.isFinite(value)) return null;
  if (!counted) return [sample('', value, unit)];
  const sum = numberOf(point['sum']);
  return [sample('.count', value, '1'), ...(Number.isFinite(sum) ? [sample('.sum', sum, unit)] : [])];
}

function labelsOf(attributes: unknown): Record<string, string> | undefined {
  const entries = Object.entries(plainAttributes(attributes));
  if (entries.length === 0) return undefined;
  const labels = Object.create(null) as Record<string, string>;
  for (const [key, value] of entries) labels[key] = typeof value === 'string' ? value : JSON.stringify(value);
  return labels;
}
