import type { Severity, ToolType } from '../contracts/event.ts';
import type { ToolEventData } from './decoders/decoded.ts';
import { firstLine, isMembers, textOf } from './decoders/values.ts';
import { agentMappings } from './mappings/agent.ts';
import { fleetMappings } from './mappings/fleet.ts';
import type { Mapping, Mappings } from './mappings/mapping.ts';
import { meshCentralMappings } from './mappings/meshcentral.ts';
import { rmmMappings, syslogMappings, windowsMappings } from './mappings/systems.ts';
import { tacticalMappings } from './mappings/tactical.ts';
import { type UnifiedType, unifiedTypes } from './taxonomy.ts';

/** What an event means, in words that every tool shares. */
export interface Meaning {
  readonly eventType: string;
  readonly severity: Severity;
  readonly summary: string;
  /** False where the tool's word is not known: the event keeps it for its type. */
  readonly known: boolean;
}

/** How each tool's words are read. A tool without mappings keeps its words. */
export const mappingsOfTools: Readonly<Partial<Record<ToolType, Mappings>>> = {
  OPENFRAME: agentMappings,
  FLEET_MDM: fleetMappings,
  MESHCENTRAL: meshCentralMappings,
  TACTICAL_RMM: tacticalMappings,
  OPENFRAME_RMM: rmmMappings,
  SYSLOG: syslogMappings,
  WINDOWS: windowsMappings,
};

const summaryLength = 500;

/**
 * What a tool's event means. Severity follows the outcome: a script that failed is an error whatever the tool calls
 * it. A word that is not known is kept as itself, at INFO: it is no fault of the device.
 */
export function meaningOfTool(toolType: string, sourceType: string, data: unknown): Meaning {
  const facts = isMembers(data) ? (data as Partial<ToolEventData>) : {};
  const mapping = mappingOf(toolType, sourceType, facts);
  const failed = facts.outcome === 'failure' || facts.outcome === 'timeout';
  const type = mapping === undefined ? undefined : unifiedTypes.get(typeNameOf(mapping, facts, failed));
  if (type === undefined) {
    const summary = shortened(textOf(facts.message) || sourceType);
    return { eventType: sourceType, severity: failed ? 'WARNING' : 'INFO', summary, known: false };
  }
  const severity = severityOf(type, toolType, facts, failed);
  const summary = sentenceOf(type, mapping ?? { type: type.name }, sourceType, facts, failed);
  return { eventType: type.name, severity, summary, known: true };
}

function mappingOf(toolType: string, sourceType: string, facts: Partial<ToolEventData>): Mapping | undefined {
  if (sourceType === '') return { type: 'UNKNOWN' };
  const mappings = Object.hasOwn(mappingsOfTools, toolType)
    ? mappingsOfTools[toolType as ToolType]
    : undefined;
  if (mappings !== undefined && Object.hasOwn(mappings, sourceType)) return mappings[sourceType];
  if (toolType !== 'WINDOWS') return undefined;
  return { type: facts.outcome === 'failure' ? 'SYSTEM_ERROR' : 'SYSTEM_STATUS' };
}

function typeNameOf(mapping: Mapping, facts: Partial<ToolEventData>, failed: boolean): string {
  const { when } = mapping;
  const row = isMembers(facts.row) ? facts.row : {};
  const picked = when === undefined ? '' : textOf(row[when.member]);
  if (when !== undefined && Object.hasOwn(when.is, picked)) return when.is[picked] ?? mapping.type;
  return failed && mapping.failed !== undefined ? mapping.failed : mapping.type;
}

const syslogSeverity: readonly Severity[] = [
  'CRITICAL',
  'CRITICAL',
  'CRITICAL',
  'ERROR',
  'WARNING',
  'INFO',
  'INFO',
  'DEBUG',
];

/** Levels of Windows events: 1 critical, 2 error, 3 warning, 4 information, 5 verbose. */
const windowsSeverity: readonly Severity[] = ['INFO', 'CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG'];

/** Severity by the source's own level where it has one, else by the type and the outcome. */
function severityOf(
  type: UnifiedType,
  toolType: string,
  facts: Partial<ToolEventData>,
  failed: boolean,
): Severity {
  const row = isMembers(facts.row) ? facts.row : {};
  if (facts.outcome === 'unchanged') return 'DEBUG';
  if (toolType === 'SYSLOG') return syslogSeverity[Number(row['severity'])] ?? type.severity;
  if (type.name === 'SYSTEM_ERROR' || type.name === 'SYSTEM_STATUS') {
    if (toolType === 'WINDOWS') return windowsSeverity[Number(row['Level'])] ?? type.severity;
  }
  if (type.name === 'ALERT_TRIGGERED') return alertSeverity.get(textOf(row['severity'])) ?? type.severity;
  return failed ? type.failed : type.severity;
}

const alertSeverity: ReadonlyMap<string, Severity> = new Map([
  ['info', 'INFO'],
  ['warning', 'WARNING'],
  ['error', 'ERROR'],
]);

function sentenceOf(
  type: UnifiedType,
  mapping: Mapping,
  sourceType: string,
  facts: Partial<ToolEventData>,
  failed: boolean,
): string {
  const own = facts.outcome === 'pending' ? (mapping.pending ?? mapping.sentence) : mapping.sentence;
  // A mapping's own sentence tells of a failure itself, unless failing makes it another type.
  const template = failed && (own === undefined || mapping.failed !== undefined) ? type.failedSentence : own;
  const sentence = filledIn(template ?? type.sentence, sourceType, facts);
  return facts.outcome === 'unchanged' ? shortened(`${sentence} (as it was before)`) : sentence;
}

function filledIn(template: string, sourceType: string, facts: Partial<ToolEventData>): string {
  const message =
    firstLine(facts.message) ?? (facts.outcome === 'timeout' ? 'it ran out of time' : undefined);
  const someone = template.startsWith('{actor}') ? 'Someone' : 'someone';
  const values: Readonly<Record<string, string>> = {
    actor: textOf(facts.actor?.name) || textOf(facts.actor?.id) || someone,
    device: textOf(facts.device?.name) || textOf(facts.device?.agentId) || 'a device',
    target: textOf(facts.target) || spelled(sourceType.replace(/^[a-z]+_/, '')),
    word: spelled(sourceType),
    message: message ?? spelled(sourceType),
  };
  const whole = message === undefined ? template.replace(/: \{message\}$/, '') : template;
  return shortened(whole.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ''));
}

function spelled(word: string): string {
  return word.replaceAll(/[_.]/g, ' ');
}

/** Cut at a code point, so that no half of a surrogate pair stays. */
export function shortened(text: string): string {
  return text.length <= summaryLength ? text : `${text.slice(0, summaryLength - 1).toWellFormed()}…`;
}
