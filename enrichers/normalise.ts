import { agentEventTypes, type Severity } from '../contracts/event.ts';
import type { Field, RecordView } from '../streams/record.ts';
import { emit, type Stage } from '../streams/stage.ts';

interface Meaning {
  readonly eventType: string;
  readonly severity: Severity;
  readonly summary: string;
}

const summaryLength = 500;

/** Types whose meaning does not depend on their data. */
const fixedMeanings = new Map<string, Meaning>([
  [
    agentEventTypes.heartbeat,
    { eventType: 'DEVICE_HEARTBEAT', severity: 'INFO', summary: 'The agent is alive' },
  ],
  [
    agentEventTypes.metrics,
    { eventType: 'SYSTEM_MONITORING', severity: 'INFO', summary: 'Measurements of the device' },
  ],
]);

/** Severity words of OpenTelemetry's log data model, and of syslog (RFC 5424 section 6.2.1), upper case. */
const logSeverities = new Map<string, Severity>([
  ['TRACE', 'DEBUG'],
  ['DEBUG', 'DEBUG'],
  ['INFO', 'INFO'],
  ['NOTICE', 'INFO'],
  ['WARN', 'WARNING'],
  ['WARNING', 'WARNING'],
  ['ERR', 'ERROR'],
  ['ERROR', 'ERROR'],
  ['CRIT', 'CRITICAL'],
  ['CRITICAL', 'CRITICAL'],
  ['ALERT', 'CRITICAL'],
  ['EMERG', 'CRITICAL'],
  ['FATAL', 'CRITICAL'],
]);

/**
 * Gives an event its unified type, its severity by what happened, and a sentence. A type that is not known is
 * kept as itself: it is no fault of the device.
 */
export const normalise: Stage = {
  name: 'normalise',
  reads: ['sourceType', 'data'],
  adds: [
    { name: 'eventType', kind: 'text' },
    { name: 'severity', kind: 'text' },
    { name: 'summary', kind: 'text' },
  ],
  open: ({ field }) => {
    const sourceType = field('sourceType');
    const data = field('data');
    const eventType = field('eventType');
    const severity = field('severity');
    const summary = field('summary');
    return {
      process(record) {
        const type = record.text(sourceType);
        const meaning = fixedMeanings.get(type) ?? meaningByData(type, record, data);
        record.set(eventType, meaning.eventType);
        record.set(severity, meaning.severity);
        record.set(summary, meaning.summary);
        return emit;
      },
    };
  },
};

function meaningByData(type: string, record: RecordView, data: Field): Meaning {
  if (type !== agentEventTypes.log && type !== agentEventTypes.device) {
    return { eventType: type, severity: 'INFO', summary: type };
  }
  const members = record.json(data);
  const values = typeof members === 'object' && members !== null ? (members as Record<string, unknown>) : {};
  return type === agentEventTypes.log ? logMeaning(values) : deviceMeaning(values);
}

function logMeaning(data: Readonly<Record<string, unknown>>): Meaning {
  const word = typeof data['severityText'] === 'string' ? data['severityText'].toUpperCase() : '';
  const severity = logSeverities.get(word) ?? 'INFO';
  const failed = severity === 'ERROR' || severity === 'CRITICAL';
  const message = typeof data['message'] === 'string' ? data['message'] : 'A log line without a message';
  return { eventType: failed ? 'SYSTEM_ERROR' : 'SYSTEM_STATUS', severity, summary: shortened(message) };
}

function deviceMeaning(data: Readonly<Record<string, unknown>>): Meaning {
  const name = typeof data['hostname'] === 'string' ? data['hostname'] : 'A device';
  return {
    eventType: 'DEVICE_UPDATED',
    severity: 'INFO',
    summary: shortened(`${name} reported its inventory`),
  };
}

/** Cut at a code point, so that no half of a surrogate pair stays. */
function shortened(text: string): string {
  return text.length <= summaryLength ? text : `${text.slice(0, summaryLength - 1).toWellFormed()}…`;
}
