import type { EnrichedEvent } from '../contracts/enriched.ts';
import { agentEventTypes, type MetricSample, severities } from '../contracts/event.ts';
import { headers } from '../contracts/topics.ts';
import type { Random } from '../streams/random.ts';
import { RecordBatchBuilder, setBaseOffset } from '../streams/record-batch.ts';
import type { SinkBatch } from '../streams/sink.ts';

export const startMs = Date.UTC(2026, 2, 1, 12);

/** The event id with this number: valid, and in ascending order of the numbers. */
export function eventIdOf(number: number): string {
  return `00000000-0000-5000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** An enriched event of the tenant `north`, but for what is given. */
export function enrichedEvent(number: number, given: Partial<EnrichedEvent> = {}): EnrichedEvent {
  return {
    eventId: eventIdOf(number),
    tenantId: 'north',
    source: '/agents/device-1',
    sourceId: `source-${number}`,
    toolType: 'OPENFRAME',
    sourceType: 'openframe.log',
    eventType: 'LOG_WRITTEN',
    severity: 'INFO',
    summary: `event ${number}`,
    eventTime: startMs + number,
    ingestTime: startMs + number + 50,
    ...given,
  };
}

/** What a test batch holds: an event, the raw text or bytes of a value, or a tombstone. */
export type RecordValue = EnrichedEvent | string | Uint8Array | null;

/** A batch of the enriched topic. `backfill` and `completes` mark every record of it. */
export function enrichedBatch(
  values: readonly RecordValue[],
  given: {
    readonly partition?: number;
    readonly firstOffset?: number;
    readonly backfill?: boolean;
    readonly completes?: boolean;
  } = {},
): SinkBatch {
  const builder = new RecordBatchBuilder();
  for (const value of values) {
    const isEvent = typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
    builder.appendRecord({
      key: 'north:/agents/device-1',
      value: isEvent ? JSON.stringify(value) : value,
      timestampMs: isEvent ? value.eventTime : startMs,
      headers: {
        tenant: 'north',
        ...(given.backfill === true ? { [headers.backfill]: 'true' } : {}),
        ...(given.completes === true ? { [headers.completes]: 'true' } : {}),
      },
    });
  }
  const bytes = builder.finish();
  setBaseOffset(bytes, 100);
  return {
    partition: given.partition ?? 0,
    bytes,
    count: values.length,
    firstOffset: given.firstOffset ?? 100,
  };
}

const words = [
  'disk',
  'Disk',
  'full',
  'login',
  'Größe',
  'ÄRGER',
  '日本',
  '100%',
  'a_b',
  "o'clock",
  '(x)',
  'back\\slash',
];

/** Events from small sets of values, so that filters match many of them and times collide. */
export function randomEvents(random: Random, count: number): EnrichedEvent[] {
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)] ?? fail();
  return Array.from({ length: count }, (_, number) => {
    const device = random.below(8);
    const organization = device % 3;
    const isMetrics = random.below(3) === 0;
    return enrichedEvent(number, {
      tenantId: pick(['north', 'north', 'south']),
      toolType: pick(['OPENFRAME', 'OTLP', 'FLEET_MDM']),
      eventType: pick(['LOG_WRITTEN', 'LOGIN', 'METRICS']),
      severity: pick(severities),
      ...(device === 0 ? {} : { deviceId: `device-${device}`, hostname: `host-${device}.${pick(words)}` }),
      ...(organization === 0
        ? {}
        : { organizationId: `org-${organization}`, organizationName: `Org ${organization}` }),
      summary: Array.from({ length: 1 + random.below(4) }, () => pick(words)).join(pick([' ', '-', '/'])),
      eventTime: startMs + random.below(count) * 1000,
      ...(isMetrics ? { sourceType: agentEventTypes.metrics, data: { samples: randomSamples(random) } } : {}),
    });
  });
}

function randomSamples(random: Random): MetricSample[] {
  return Array.from({ length: random.below(4) }, () => {
    const labels = random.below(2) === 0 ? { a: '1', b: 'x y' } : { b: 'x y', a: '1' };
    const name = random.below(2) === 0 ? 'system.cpu.utilization' : 'system.memory.usage';
    const value = random.below(1000) / 8;
    return { name, value, unit: '1', ...(random.below(3) === 0 ? {} : { labels }) };
  });
}

function fail(): never {
  throw new Error('there is nothing to pick from');
}
