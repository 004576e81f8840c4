import { z } from 'zod';

/** Severity depends on the outcome, not only on the type. In ascending order. */
export const severities = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

/** Where an event came from. */
export const toolTypes = [
  'OPENFRAME',
  'OTLP',
  'FLEET_MDM',
  'MESHCENTRAL',
  'TACTICAL_RMM',
  'OPENFRAME_RMM',
  'SYSLOG',
  'WINDOWS',
  'CLOUDEVENTS',
] as const;
export type ToolType = (typeof toolTypes)[number];

/** Limits of one event at the door. */
export const eventLimits = {
  /** One event, encoded. */
  sizeBytes: 1024 * 1024,
  /** Nesting of objects and arrays, the event itself counted. */
  depth: 32,
  idLength: 256,
  sourceLength: 512,
  typeLength: 256,
  /** How old an event may be: an agent that was away spools no longer than this. */
  maxAgeMs: 90 * 24 * 3600 * 1000,
  /** How far ahead a device's clock may be. */
  maxAheadMs: 24 * 3600 * 1000,
} as const;

/** Types that our own agent sends. Others are kept as themselves. */
export const agentEventTypes = {
  heartbeat: 'openframe.heartbeat',
  metrics: 'openframe.metrics',
  log: 'openframe.log',
  device: 'openframe.device',
} as const;

/** An event as it is stored and answered; times as RFC 3339 in answers. */
export const storedEventSchema = z.object({
  eventId: z.uuid(),
  tenantId: z.string(),
  source: z.string(),
  sourceId: z.string(),
  toolType: z.string(),
  sourceType: z.string(),
  eventType: z.string(),
  severity: severitySchema,
  deviceId: z.string().nullable(),
  hostname: z.string().nullable(),
  organizationId: z.string().nullable(),
  organizationName: z.string().nullable(),
  userId: z.string().nullable(),
  summary: z.string(),
  eventTime: z.iso.datetime({ offset: true }),
  ingestTime: z.iso.datetime({ offset: true }),
  data: z.unknown(),
});
export type StoredEvent = z.infer<typeof storedEventSchema>;

/** One measurement: names and units after OpenTelemetry's semantic conventions. */
export const metricSampleSchema = z.object({
  name: z.string().min(1).max(256),
  value: z.number(),
  unit: z.string().max(64),
  labels: z.record(z.string(), z.string()).optional(),
});
export type MetricSample = z.infer<typeof metricSampleSchema>;

export const metricsDataSchema = z.object({ samples: z.array(metricSampleSchema) });

export const logDataSchema = z.object({
  message: z.string(),
  /** Names after OpenTelemetry's log data model: TRACE, DEBUG, INFO, WARN, ERROR, FATAL. */
  severityText: z.string().optional(),
  /** The unit, file or channel that wrote the line. */
  logger: z.string().optional(),
});
