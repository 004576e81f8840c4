import type { ProtobufFields, ProtobufKind } from './protobuf.ts';

/**
 * The messages of OTLP 1.x that the gateway reads, with the field numbers of
 * https://github.com/open-telemetry/opentelemetry-proto (common, resource, logs and metrics, all v1).
 * Names are those of OTLP's JSON.
 */
const one = (name: string, kind: ProtobufKind) => ({ name, kind }) as const;
const many = (name: string, kind: ProtobufKind) => ({ name, kind, repeated: true }) as const;

const anyValue: ProtobufFields = {
  1: one('stringValue', 'string'),
  2: one('boolValue', 'bool'),
  3: one('intValue', 'int64'),
  4: one('doubleValue', 'double'),
  5: one('arrayValue', () => arrayValue),
  6: one('kvlistValue', () => keyValueList),
  7: one('bytesValue', 'bytes'),
};
const arrayValue: ProtobufFields = { 1: many('values', () => anyValue) };
const keyValue: ProtobufFields = { 1: one('key', 'string'), 2: one('value', () => anyValue) };
const keyValueList: ProtobufFields = { 1: many('values', () => keyValue) };
const resource: ProtobufFields = { 1: many('attributes', () => keyValue) };
const scope: ProtobufFields = { 1: one('name', 'string'), 2: one('version', 'string') };

const logRecord: ProtobufFields = {
  1: one('timeUnixNano', 'fixed64'),
  2: one('severityNumber', 'uint32'),
  3: one('severityText', 'string'),
  5: one('body', () => anyValue),
  6: many('attributes', () => keyValue),
  9: one('traceId', 'bytes'),
  10: one('spanId', 'bytes'),
  11: one('observedTimeUnixNano', 'fixed64'),
  12: one('eventName', 'string'),
};
const scopeLogs: ProtobufFields = { 1: one('scope', () => scope), 2: many('logRecords', () => logRecord) };
const resourceLogs: ProtobufFields = {
  1: one('resource', () => resource),
  2: many('scopeLogs', () => scopeLogs),
};
export const exportLogsRequest: ProtobufFields = { 1: many('resourceLogs', () => resourceLogs) };

const numberDataPoint: ProtobufFields = {
  3: one('timeUnixNano', 'fixed64'),
  4: one('asDouble', 'double'),
  6: one('asInt', 'sfixed64'),
  7: many('attributes', () => keyValue),
  8: one('flags', 'uint32'),
};
const countedPoint = (attributes: number, flags: number): ProtobufFields => ({
  3: one('timeUnixNano', 'fixed64'),
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  [attributes]: many('attributes', () => keyValue),
  [flags]: one('flags', 'uint32'),
});
const histogramPoint = countedPoint(9, 10);
const exponentialPoint = countedPoint(1, 10);
const summaryPoint = countedPoint(7, 8);
const pointsOf = (point: ProtobufFields): ProtobufFields => ({ 1: many('dataPoints', () => point) });
const metric: ProtobufFields = {
  1: one('name', 'string'),
  3: one('unit', 'string'),
  5: one('gauge', () => pointsOf(numberDataPoint)),
  7: one('sum', () => pointsOf(numberDataPoint)),
  9: one('histogram', () => pointsOf(histogramPoint)),
  10: one('exponentialHistogram', () => pointsOf(exponentialPoint)),
  11: one('summary', () => pointsOf(summaryPoint)),
};
const scopeMetrics: ProtobufFields = { 1: one('scope', () => scope), 2: many('metrics', () => metric) };
const resourceMetrics: ProtobufFields = {
  1: one('resource', () => resource),
  2: many('scopeMetrics', () => scopeMetrics),
};
export const exportMetricsRequest: ProtobufFields = { 1: many('resourceMetrics', () => resourceMetrics) };
