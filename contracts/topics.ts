/** Names on the log and the messaging, as INTERFACES fixes them. */
export const topics = {
  raw: 'telemetry.raw.v1',
  enriched: 'telemetry.enriched.v1',
  deadLetters: 'telemetry.dead-letters.v1',
  marks: 'telemetry.marks.v1',
  devices: 'telemetry.devices.v1',
  /** What Pinot cannot read from the enriched events by itself. */
  samples: 'telemetry.samples.v1',
  deviceNames: 'telemetry.device-names.v1',
  completions: 'telemetry.completions.v1',
  signals: 'alerts.signals.v1',
  alerts: 'alerts.v1',
  alertsState: 'alerts.state.v1',
  /** What detection knows of each series (compacted). */
  detectionState: 'alerts.detection.v1',
  /** Decoded events of tools, before they are joined and placed. */
  toolEvents: 'telemetry.tools.v1',
  /** What the stream knows of each device's life (compacted). */
  deviceStates: 'telemetry.device-states.v1',
  /** Halves of joins that wait for the other (compacted). */
  toolJoins: 'telemetry.joins.v1',
  /** What the tools' settings were said to be last (compacted). */
  toolSettings: 'telemetry.tool-settings.v1',
} as const;

/** Topics that tools' events come by, as Debezium, Kafka Connect or NiFi write them. They are not ours to shape. */
export const toolTopics = {
  fleetActivities: 'fleet.activities.events',
  fleetHostActivities: 'fleet.host_activities.events',
  fleetQueryResults: 'fleet.query_results.events',
  fleetPolicyMembership: 'fleet.policy_membership.events',
  meshcentral: 'meshcentral.mongodb.events',
  tactical: 'tactical-rmm.postgres.events',
  rmm: 'logs.events',
  /** As the OpenTelemetry Collector's Kafka exporter names them. */
  otlpLogs: 'otlp_logs',
  otlpMetrics: 'otlp_metrics',
  /** For senders that choose the format themselves, by a header: `message-type` or `content-type`. */
  other: 'tools.events.v1',
} as const;

/** Headers of the tools' topics. */
export const toolHeaders = {
  /** Which format the value has; put there by a transformation of the connector. */
  messageType: 'message-type',
  contentType: 'content-type',
  /** Which connection the record came by, where its value does not say so. */
  connection: 'connection',
} as const;

/** The JetStream stream that holds accepted events, and its subjects. */
export const telemetryStream = 'TELEMETRY';

/** `telemetry.<tenant>.<device>.<type>`; a dot in the type separates tokens, as NATS subjects do. */
export function telemetrySubject(tenantId: string, deviceId: string, type: string): string {
  return `telemetry.${tenantId}.${deviceId}.${type}`;
}

/** Record headers: CloudEvents' Kafka binding (binary mode), then our own. */
export const headers = {
  specVersion: 'ce_specversion',
  id: 'ce_id',
  source: 'ce_source',
  type: 'ce_type',
  time: 'ce_time',
  /** The extension attribute `userid`: whom the event is about, where its source says so. */
  user: 'ce_userid',
  contentType: 'content-type',
  tenant: 'tenant',
  device: 'device',
  /** UUIDv5 of (tenant, source, id): set by the gateway and the relay, which are trusted, never by a device. */
  eventId: 'eventid',
  /** Milliseconds since the epoch at which the gateway accepted the event. */
  ingestTime: 'ingesttime',
  /** On a replayed dead letter: its id. Dedupe takes (event, replay) for the identity then. */
  replay: 'replay',
  /** The tool that an event comes from; absent where it is an agent's. */
  tool: 'tool',
  /** How often the event was replayed. */
  replays: 'replays',
  /** On an enriched device event: events of this device went out before it was known; sinks complete them. */
  backfill: 'backfill',
  /** On an event that was stored without its device and comes again with it: stores complete its row. */
  completes: 'completesevent',
} as const;

/** The raw record's key: equal events, and all events of an agent, meet in one partition. */
export function rawKey(tenantId: string, source: string): string {
  return `${tenantId}:${source}`;
}
