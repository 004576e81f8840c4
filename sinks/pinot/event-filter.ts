import { OpenFrameError } from '../../contracts/errors.ts';
import type { EventFilter } from '../analytics.ts';
import { isKnown, isNull, momentLiteral } from './event-columns.ts';
import type { Completion, DeviceName, LateFacts } from './late-facts.ts';
import { literal, neverStored, textLiteral, textLiterals, toStoredText } from './stored-text.ts';

const searchLimit = 256;

export function isIn(column: string, values: readonly string[]): string {
  // Pinot takes no constant for a condition.
  return values.length === 0
    ? `${column} = ${literal(neverStored)}`
    : `${column} IN (${textLiterals(values)})`;
}

/** True where the filter looks at what may have been learnt of events after they were stored. */
export function needsLateFacts(filter: EventFilter): boolean {
  return (
    filter.deviceId !== undefined ||
    filter.withoutDevice === true ||
    filter.organizationIds !== undefined ||
    wordsOf(filter.search ?? '').length > 0
  );
}

/**
 * The conditions of a filter. An event that lacks device, host name or organization takes part with those of `facts`.
 * Throws `QUERY_INVALID` for a search that is too long.
 */
export function eventConditions(filter: EventFilter, facts: LateFacts): string[] {
  const { fromMs, toMs, deviceId, organizationIds } = filter;
  const conditions: string[] = [];
  if (fromMs !== undefined) conditions.push(`event_time >= ${momentLiteral(fromMs)}`);
  if (toMs !== undefined) conditions.push(`event_time < ${momentLiteral(toMs)}`);
  if (filter.eventTypes !== undefined) conditions.push(isIn('event_type', filter.eventTypes));
  if (filter.toolTypes !== undefined) conditions.push(isIn('tool_type', filter.toolTypes));
  if (filter.severities !== undefined) conditions.push(isIn('severity_text', filter.severities));
  if (deviceId !== undefined) conditions.push(ofDevice(deviceId, facts));
  if (filter.withoutDevice === true) conditions.push(ofNoDevice(facts));
  if (organizationIds !== undefined) conditions.push(ofOrganizations(organizationIds, facts));
  for (const word of wordsOf(filter.search ?? '')) conditions.push(startsAWord(word, facts));
  return conditions;
}

function ofDevice(deviceId: string, { completions }: LateFacts): string {
  const own = `device_id = ${textLiteral(deviceId)}`;
  const late = completions.filter((one) => one.deviceId === deviceId);
  return late.length === 0 ? own : `${own} OR (${isNull('device_id')} AND ${ofEvents(late)})`;
}

function ofNoDevice({ completions }: LateFacts): string {
  const own = isNull('device_id');
  if (completions.length === 0) return own;
  return `${own} AND event_id NOT IN (${textLiterals(completions.map((one) => one.eventId))})`;
}

function ofOrganizations(organizationIds: readonly string[], facts: LateFacts): string {
  const own = isIn('organization_id', organizationIds);
  const late = lacking(
    facts,
    (one) => one.organizationId !== null && organizationIds.includes(one.organizationId),
  );
  return late === null ? own : `${own} OR (${isNull('organization_id')} AND (${late}))`;
}

/** The condition for the events to which the facts that are chosen belong; null where there are none. */
function lacking(facts: LateFacts, isChosen: (one: DeviceName) => boolean): string | null {
  const devices = facts.names.filter(isChosen);
  const events = facts.completions.filter(isChosen);
  const conditions = [
    ...(devices.length === 0
      ? []
      : [
          isIn(
            'device_id',
            devices.map((one) => one.deviceId),
          ),
        ]),
    ...(events.length === 0 ? [] : [`${isNull('device_id')} AND ${ofEvents(events)}`]),
  ];
  return conditions.length === 0 ? null : conditions.map((one) => `(${one})`).join(' OR ');
}

function ofEvents(completions: readonly Completion[]): string {
  return isIn(
    'event_id',
    completions.map((one) => one.eventId),
  );
}

/** The word at the beginning of a word of summary, host name, organization or message; case does not matter. */
function startsAWord(word: string, facts: LateFacts): string {
  const pattern = `(?:^|[^\\p{L}\\p{N}])${quoteForRegex(word)}`;
  const columns = ['summary_text', 'hostname_text', 'organization_name', 'message_text'];
  const conditions = columns.map((column) => `(${matches(column, pattern)})`);
  const said = new RegExp(`(?:^|[^\\p{L}\\p{N}])${quoteForJavaScript(word)}`, 'iu');
  const byHost = lacking(facts, ({ hostname }) => hostname !== null && said.test(hostname));
  if (byHost !== null) conditions.push(`(${isNull('hostname_text')} AND (${byHost}))`);
  const isNamed = (one: DeviceName): boolean =>
    one.organizationName !== null && said.test(one.organizationName);
  const ids = new Set(
    [...facts.names, ...facts.completions].filter(isNamed).map((one) => one.organizationId),
  );
  for (const organizationId of ids) {
    const late = lacking(facts, (one) => isNamed(one) && one.organizationId === organizationId);
    const same = organizationId === null ? '' : ` OR organization_id = ${textLiteral(organizationId)}`;
    conditions.push(
      `(${isNull('organization_name')} AND (${isNull('organization_id')}${same}) AND (${late ?? ''}))`,
    );
  }
  return conditions.join(' OR ');
}

/** What stands for no text must not be found by its own letter. */
function matches(column: string, pattern: string): string {
  return `${isKnown(column)} AND REGEXP_LIKE(${column}, ${literal(`(?iu)${pattern}`)})`;
}

function wordsOf(search: string): string[] {
  if (search.length > searchLimit) {
    throw new OpenFrameError(
      'QUERY_INVALID',
      `The search is longer than ${searchLimit} characters: shorten it.`,
      { details: { field: 'search', limit: searchLimit } },
    );
  }
  return search
    .toWellFormed()
    .split(/\s+/u)
    .filter((word) => word !== '');
}

/** For Java: all but letters and digits stands for itself, in the form in which columns hold it. */
function quoteForRegex(word: string): string {
  return toStoredText(word).replace(/[^\p{L}\p{N}]/gu, (character) => `\\x{${hexOf(character)}}`);
}

function quoteForJavaScript(word: string): string {
  return word.replace(/[^\p{L}\p{N}]/gu, (character) => `\\u{${hexOf(character)}}`);
}

function hexOf(character: string): string {
  return character.codePointAt(0)?.toString(16) ?? '';
}
