import type { OtlpReaders } from '../../contracts/otlp.ts';
import { toolTopics } from '../../contracts/topics.ts';
import { decodeCloudEvent } from './cloud-event.ts';
import { readChange, type RowDecoder } from './debezium.ts';
import { type Decoder, type DecoderInput, refused } from './decoded.ts';
import { decodeFleetActivity } from './fleet-activity.ts';
import { decodeFleetHostActivity } from './fleet-host-activity.ts';
import { decodeFleetLog } from './fleet-log.ts';
import { decodeFleetPolicyMembership } from './fleet-policy-membership.ts';
import { decodeFleetQueryResult } from './fleet-query-result.ts';
import { decodeFleetRest } from './fleet-rest.ts';
import { decodeFleetWebhook } from './fleet-webhook.ts';
import { decodeMeshCentralControl } from './meshcentral-control.ts';
import { decodeMeshCentralEvent } from './meshcentral-event.ts';
import { decodeOtlpLogs, readOtlpLogs } from './otlp-logs.ts';
import { decodeOtlpMetrics, readOtlpMetrics } from './otlp-metrics.ts';
import { decodeRmmResult } from './rmm-result.ts';
import { decodeSyslog } from './syslog.ts';
import { decodeTacticalAgentHistory } from './tactical-agent-history.ts';
import { decodeTacticalAlert } from './tactical-alert.ts';
import { decodeTacticalAudit } from './tactical-audit.ts';
import { decodeTacticalCheck } from './tactical-check.ts';
import { tacticalRestDecoder } from './tactical-rest.ts';
import { decodeTacticalTaskResult } from './tactical-task-result.ts';
import { decodeWindowsEvent } from './windows-event.ts';

/** One way in which tools' events are written, and how it is recognised. */
export interface ToolFormat {
  /** Names it in fixtures, benchmarks and documents. */
  readonly name: string;
  /** Topics whose records are in this format, where a header says nothing else. */
  readonly topics?: readonly string[];
  /** Values of the header `message-type`. */
  readonly messageTypes?: readonly string[];
  /** Values of the header `content-type`. */
  readonly contentTypes?: readonly string[];
  readonly decode: Decoder;
}

/** Tactical's tables share a topic: the envelope says which one a row is of. */
const tacticalTables: Readonly<Record<string, RowDecoder>> = {
  logs_auditlog: decodeTacticalAudit,
  agents_agenthistory: decodeTacticalAgentHistory,
  autotasks_taskresult: decodeTacticalTaskResult,
  checks_checkresult: decodeTacticalCheck,
  alerts_alert: decodeTacticalAlert,
};

function decodeTactical(input: DecoderInput): ReturnType<Decoder> {
  const read = readChange(input);
  if (read.kind !== 'change') return read;
  const { table } = read.change;
  const decode = Object.hasOwn(tacticalTables, table) ? tacticalTables[table] : undefined;
  return (
    decode?.row(read.change) ??
    refused('TABLE_UNKNOWN', `rows of the table '${table.slice(0, 60)}' are not read`)
  );
}

/** Every format that tools' events come in: the one table. A header decides before the topic does. */
export const toolFormats: readonly ToolFormat[] = [
  {
    name: 'fleet-activity',
    topics: [toolTopics.fleetActivities],
    messageTypes: ['FLEET_MDM_EVENT', 'FLEET_MDM_POLICY_ACTIVITY_EVENT'],
    decode: decodeFleetActivity,
  },
  {
    name: 'fleet-host-activity',
    topics: [toolTopics.fleetHostActivities],
    messageTypes: ['FLEET_MDM_HOST_ACTIVITY_EVENT'],
    decode: decodeFleetHostActivity,
  },
  {
    name: 'fleet-query-result',
    topics: [toolTopics.fleetQueryResults],
    messageTypes: ['FLEET_MDM_QUERY_RESULT_EVENT'],
    decode: decodeFleetQueryResult,
  },
  {
    name: 'fleet-policy-membership',
    topics: [toolTopics.fleetPolicyMembership],
    messageTypes: ['FLEET_MDM_POLICY_MEMBERSHIP_EVENT'],
    decode: decodeFleetPolicyMembership,
  },
  {
    name: 'fleet-webhook',
    messageTypes: ['FLEET_MDM_WEBHOOK'],
    contentTypes: ['application/vnd.fleet.webhook+json'],
    decode: decodeFleetWebhook,
  },
  {
    name: 'fleet-log',
    messageTypes: ['FLEET_MDM_LOG'],
    contentTypes: ['application/vnd.fleet.log+json'],
    decode: decodeFleetLog,
  },
  {
    name: 'meshcentral-event',
    topics: [toolTopics.meshcentral],
    messageTypes: ['MESHCENTRAL_EVENT'],
    decode: decodeMeshCentralEvent,
  },
  { name: 'fleet-rest', messageTypes: ['FLEET_MDM_REST'], decode: decodeFleetRest },
  { name: 'meshcentral-control', messageTypes: ['MESHCENTRAL_CONTROL'], decode: decodeMeshCentralControl },
  { name: 'tactical-rest', messageTypes: ['TACTICAL_RMM_REST'], decode: tacticalRestDecoder(tacticalTables) },
  { name: 'tactical', topics: [toolTopics.tactical], decode: decodeTactical },
  { name: 'tactical-audit', messageTypes: ['TACTICAL_RMM_AUDIT_EVENT'], decode: decodeTacticalAudit },
  {
    name: 'tactical-agent-history',
    messageTypes: ['TACTICAL_RMM_AGENT_HISTORY_EVENT'],
    decode: decodeTacticalAgentHistory,
  },
  {
    name: 'tactical-task-result',
    messageTypes: ['TACTICAL_RMM_TASK_RESULT_EVENT'],
    decode: decodeTacticalTaskResult,
  },
  { name: 'tactical-check', messageTypes: ['TACTICAL_RMM_CHECK_RESULT_EVENT'], decode: decodeTacticalCheck },
  { name: 'tactical-alert', messageTypes: ['TACTICAL_RMM_ALERT_EVENT'], decode: decodeTacticalAlert },
  {
    name: 'rmm-result',
    topics: [toolTopics.rmm],
    messageTypes: ['COMMAND_EXECUTED', 'SCRIPT_EXECUTED'],
    decode: decodeRmmResult,
  },
  { name: 'syslog', messageTypes: ['SYSLOG'], contentTypes: ['application/syslog'], decode: decodeSyslog },
  {
    name: 'windows-event',
    messageTypes: ['WINDOWS_EVENT'],
    contentTypes: ['application/vnd.windows.event+json'],
    decode: decodeWindowsEvent,
  },
  {
    name: 'cloud-event',
    messageTypes: ['CLOUDEVENT'],
    contentTypes: ['application/cloudevents+json', 'application/cloudevents-batch+json'],
    decode: decodeCloudEvent,
  },
  {
    name: 'otlp-logs',
    topics: [toolTopics.otlpLogs],
    messageTypes: ['OTLP_LOGS'],
    decode: decodeOtlpLogs,
  },
  {
    name: 'otlp-metrics',
    topics: [toolTopics.otlpMetrics],
    messageTypes: ['OTLP_METRICS'],
    decode: decodeOtlpMetrics,
  },
];

/** The two formats that the gateway's own door takes as well, where the sender hears which records are not taken. */
export const otlpReaders: OtlpReaders = { logs: readOtlpLogs, metrics: readOtlpMetrics };

const byTopic = index((format) => format.topics);
const byMessageType = index((format) => format.messageTypes);
const byContentType = index((format) => format.contentTypes);

/**
 * The format of a record: by its header `message-type`, else by its topic, else by its `content-type`. Undefined
 * where none of them says. A lookup in three maps: cheap enough for each record, since a topic may mix formats.
 */
export function formatOf(topic: string, messageType: string, contentType: string): ToolFormat | undefined {
  const [mediaType = ''] = contentType.split(';', 1);
  return (
    byMessageType.get(messageType) ?? byTopic.get(topic) ?? byContentType.get(mediaType.trim().toLowerCase())
  );
}

function index(names: (format: ToolFormat) => readonly string[] | undefined): Map<string, ToolFormat> {
  return new Map(
    toolFormats.flatMap((format) => (names(format) ?? []).map((name) => [name, format] as const)),
  );
}
