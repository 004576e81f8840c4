import { OpenFrameError } from '../../contracts/errors.ts';
import type { EventFilter } from '../analytics.ts';
import type { DeviceName } from './device-names.ts';
import { earliestMs, latestMs } from './enriched-record.ts';
import { literal, neverStored, storedNull, textLiteral, textLiterals, toStoredText } from './stored-text.ts';

export const isNull = (column: string): string => `${column} = ${literal(storedNull)}`;
export const isKnown = (column: string): string => `${column} <> ${literal(storedNull)}`;

const searchLimit = 256;

/** A moment as a literal, brought into what can be stored. */
export function momentLiteral(timeMs: number): string {
  return String(Math.ceil(Math.min(Math.max(timeMs, earliestMs), latestMs + 1)));
}

export function isIn(column: string, values: readonly string[]): string {
  // Pinot takes no constant for a condition.
  return values.length === 0
    ? `${column} = ${literal(neverStored)}`
    : `${column} IN (${textLiterals(values)})`;
}

/** True where the filter looks at what a device that became known late gave to its earlier events. */
export function needsDeviceNames(filter: EventFilter): boolean {
  return filter.organizationIds !== undefined || wordsOf(filter.search ?? '').length > 0;
}

/**
 * The conditions of a filter. An event that lacks host name or organization takes part with those that its device
 * became known by, of `names`. Throws `QUERY_INVALID` for a search that is too long.
 */
export function eventConditions(filter: EventFilter, names: readonly DeviceName[]): string[] {
  const { fromMs, toMs, deviceId, organizationIds } = filter;
  const conditions: string[] = [];
  if (fromMs !== undefined) conditions.push(`event_time >= ${momentLiteral(fromMs)}`);
  if (toMs !== undefined) conditions.push(`event_time < ${momentLiteral(toMs)}`);
  if (filter.eventTypes !== undefined) conditions.push(isIn('event_type', filter.eventTypes));
  if (filter.toolTypes !== undefined) conditions.push(isIn('tool_type', filter.toolTypes));
  if (filter.severities !== undefined) conditions.push(isIn('severity_text', filter.severities));
  if (deviceId !== undefined) conditions.push(`device_id = ${textLiteral(deviceId)}`);
  if (organizationIds !== undefined) conditions.push(ofOrganizations(organizationIds, names));
  for (const word of wordsOf(filter.search ?? '')) conditions.push(startsAWord(word, names));
  return conditions;
}

function ofOrganizations(organizationIds: readonly string[], names: readonly DeviceName[]): string {
  const own = isIn('organization_id', organizationIds);
  const late = names.filter(
    ({ organizationId }) => organizationId !== null && organizationIds.includes(organizationId),
  );
  if (late.length === 0) return own;
  return `${own} OR (${isNull('organization_id')} AND ${ofDevices(late)})`;
}

function ofDevices(names: readonly DeviceName[]): string {
  return isIn(
    'device_id',
    names.map((one) => one.deviceId),
  );
}

/** The word at the beginning of a word of summary, host name, organization or message; case does not matter. */
function startsAWord(word: string, names: readonly DeviceName[]): string {
  const pattern = `(?:^|[^\\p{L}\\p{N}])${quoteForRegex(word)}`;
  const columns = ['summary_text', 'hostname_text', 'organization_name', 'message_text'];
  const conditions = columns.map((column) => `(${matches(column, pattern)})`);
  const said = new RegExp(`(?:^|[^\\p{L}\\p{N}])${quoteForJavaScript(word)}`, 'iu');
  const byHost = names.filter(({ hostname }) => hostname !== null && said.test(hostname));
  if (byHost.length > 0) conditions.push(`(${isNull('hostname_text')} AND ${ofDevices(byHost)})`);
  const byOrganization = names.filter(
    (one) => one.organizationName !== null && said.test(one.organizationName),
  );
  for (const [organizationId, devices] of Map.groupBy(byOrganization, (one) => one.organizationId)) {
    const same = organizationId === null ? '' : ` OR organization_id = ${textLiteral(organizationId)}`;
    conditions.push(
      `(${isNull('organization_name')} AND (${isNull('organization_id')}${same}) AND ${ofDevices(devices)})`,
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
