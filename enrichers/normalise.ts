import { agentEventTypes, type Severity } from '../contracts/event.ts';
import { EncodedText } from '../streams/encoded-text.ts';
import type { Field, RecordView } from '../streams/record.ts';
import { emit, type Stage } from '../streams/stage.ts';
import { membersOf } from './decoders/values.ts';
import { type Meaning, meaningOfTool, shortened } from './meaning.ts';

/** A meaning with its JSON at hand. */
type FixedMeaning = Readonly<Record<'eventType' | 'severity' | 'summary', EncodedText>>;

const fixed = ({ eventType, severity, summary }: Meaning): FixedMeaning => ({
  eventType: new EncodedText(eventType),
  severity: new EncodedText(severity),
  summary: new EncodedText(summary),
});

/** Types whose meaning does not depend on their data: most events of agents. */
const fixedMeanings = new Map<string, FixedMeaning>(
  [agentEventTypes.heartbeat, agentEventTypes.metrics].map((type) => [
    type,
    fixed(meaningOfTool('OPENFRAME', type, {})),
  ]),
);

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
  reads: ['sourceType', 'toolType', 'data'],
  adds: [
    { name: 'eventType', kind: 'text' },
    { name: 'severity', kind: 'text' },
    { name: 'summary', kind: 'text' },
  ],
  open: ({ field }) => {
    const sourceType = field('sourceType');
    const toolType = field('toolType');
    const data = field('data');
    const eventType = field('eventType');
    const severity = field('severity');
    const summary = field('summary');
    return {
      process(record) {
        const type = record.text(sourceType);
        const meaning = fixedMeanings.get(type) ?? meaningByData(record.text(toolType), type, record, data);
        record.set(eventType, meaning.eventType);
        record.set(severity, meaning.severity);
        record.set(summary, meaning.summary);
        return emit;
      },
    };
  },
};

function meaningByData(tool: string, type: string, record: RecordView, data: Field): Meaning {
  const ours = tool === 'OPENFRAME' || tool === 'OTLP';
  if (ours && type === agentEventTypes.log) return logMeaning(membersOf(record.json(data)));
  if (ours && type === agentEventTypes.device) return deviceMeaning(membersOf(record.json(data)));
  return meaningOfTool(tool, type, tool === 'OTLP' ? null : record.json(data));
}

function logMeaning(data: Readonly<Record<string, unknown>>): Meaning {
  const word = typeof data['severityText'] === 'string' ? data['severityText'].toUpperCase() : '';
  const severity = logSeverities.get(word) ?? 'INFO';
  const failed = severity === 'ERROR' || severity === 'CRITICAL';
  const message = typeof data['message'] === 'string' ? data['message'] : 'A log line without a message';
  return {
    eventType: failed ? 'SYSTEM_ERROR' : 'SYSTEM_STATUS',
    severity,
    summary: shortened(message),
    known: true,
  };
}

function deviceMeaning(data: Readonly<Record<string, unknown>>): Meaning {
  const name = typeof data['hostname'] === 'string' ? data['hostname'] : 'A device';
  return {
    eventType: 'DEVICE_UPDATED',
    severity: 'INFO',
    summary: shortened(`${name} reported its inventory`),
    known: true,
  };
}
