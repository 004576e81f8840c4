import type { ProtobufLogsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';

import { noonMs } from '../gateway.fixture.ts';

type LogRecord = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0][number];
type Metrics = Parameters<typeof ProtobufMetricsSerializer.serializeRequest>[0];
type Resource = LogRecord['resource'];

const seconds = (noonMs - 1000) / 1000;

const resource: Resource = {
  attributes: { 'host.id': 'host-1', 'os.type': 'linux' },
  merge: () => resource,
  getRawAttributes: () => [],
};

/** A log record as OpenTelemetry's SDK hands it to an exporter. */
export function logRecord(fields: Partial<LogRecord> = {}): LogRecord {
  return {
    hrTime: [seconds, 123],
    hrTimeObserved: [seconds, 500],
    severityNumber: 17,
    severityText: 'err',
    body: 'disk is full',
    resource,
    instrumentationScope: { name: 'kernel' },
    attributes: { 'disk.name': 'sda', __proto__x: 1, big: 2 ** 40 },
    droppedAttributesCount: 0,
    ...fields,
  };
}

/** A gauge, a sum and a histogram as OpenTelemetry's SDK hands them to an exporter. */
export function resourceMetrics(): Metrics {
  const at = { startTime: [seconds - 60, 0], endTime: [seconds, 0] } satisfies Record<
    string,
    [number, number]
  >;
  const described = (name: string, unit: string, valueType: 0 | 1) => ({
    descriptor: { name, description: '', unit, valueType },
    aggregationTemporality: 1,
  });
  const histogram = { buckets: { boundaries: [1], counts: [2, 1] }, sum: 1.5, count: 3, min: 0.1, max: 1 };
  return {
    resource,
    scopeMetrics: [
      {
        scope: { name: 'host' },
        metrics: [
          {
            ...described('system.cpu.utilization', '1', 1),
            dataPointType: 2,
            dataPoints: [{ ...at, attributes: { cpu: '0' }, value: 0.25 }],
          },
          {
            ...described('system.disk.io', 'By', 0),
            dataPointType: 3,
            isMonotonic: false,
            dataPoints: [{ ...at, attributes: {}, value: -12 }],
          },
          {
            ...described('http.server.duration', 's', 1),
            dataPointType: 0,
            dataPoints: [{ ...at, attributes: {}, value: histogram }],
          },
        ],
      },
    ],
  };
}
