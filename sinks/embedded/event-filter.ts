import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter } from '../analytics.ts';
import { momentParameter, momentSql } from './event-columns.ts';
import type { Parameter } from './rows-of.ts';

/** A piece of SQL with the values that its question marks stand for, in order. */
export interface BoundSql {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

const searchLimit = 256;

/**
 * `FROM events WHERE …` of one tenant: every reader's query is built on it, so none can leave the tenant out.
 * Values are bound, never spliced. Throws `QUERY_INVALID` for a search that is too long.
 */
export function eventsOf(scope: TenantScope, filter: EventFilter): BoundSql {
  const of = conditionsOf(scope, filter);
  if (filter.fromMs !== undefined)
    of.add(`event_time >= ${momentSql}`, momentParameter(Math.ceil(filter.fromMs)));
  if (filter.toMs !== undefined) of.add(`event_time < ${momentSql}`, momentParameter(Math.ceil(filter.toMs)));
  for (const pattern of searchPatterns(filter.search ?? ''))
    of.add(`regexp_matches(${searchedSql}, ?, 'i')`, pattern);
  return { sql: `FROM events WHERE ${of.conditions.join(' AND ')}`, parameters: of.parameters };
}

/** The counts of whole stretches that a filter takes, which know neither time nor words; totals know no devices either. */
export function stretchesOf(
  table: 'stretch_counts' | 'stretch_totals',
  scope: TenantScope,
  filter: EventFilter,
): BoundSql {
  const { conditions, parameters } = conditionsOf(scope, filter);
  return { sql: `SELECT * FROM ${table} WHERE ${conditions.join(' AND ')}`, parameters };
}

interface Conditions {
  readonly conditions: string[];
  readonly parameters: Parameter[];
  readonly add: (condition: string, ...values: Parameter[]) => void;
}

/** All of a filter but time and words. */
function conditionsOf(scope: TenantScope, filter: EventFilter): Conditions {
  const conditions = ['tenant_id = ?'];
  const parameters: Parameter[] = [scope.tenantId];
  const add = (condition: string, ...values: Parameter[]): void => {
    conditions.push(condition);
    parameters.push(...values);
  };
  const addList = (column: string, values: readonly string[] | undefined): void => {
    if (values === undefined) return;
    if (values.length === 0) add('false');
    else add(`${column} IN (${values.map(() => '?').join(', ')})`, ...values);
  };
  addList('event_type', filter.eventTypes);
  addList('tool_type', filter.toolTypes);
  addList('severity', filter.severities);
  addList('organization_id', filter.organizationIds);
  if (filter.deviceId !== undefined) add('device_id = ?', filter.deviceId);
  if (filter.withoutDevice === true) add('device_id IS NULL');
  return { conditions, parameters, add };
}

/** What a search looks at; a line end is in no word, so no match spans two columns. */
const searchedSql = 'concat_ws(chr(10), summary, hostname, organization_name, message)';

/**
 * One regular expression (RE2) for each word of a search: the word, at the start of the text or behind a
 * character that is neither letter nor digit. All else in a word stands for itself.
 */
function searchPatterns(search: string): string[] {
  if (search.length > searchLimit) {
    throw new OpenFrameError(
      'QUERY_INVALID',
      `The search is longer than ${searchLimit} characters: shorten it.`,
      {
        details: { field: 'search', limit: searchLimit },
      },
    );
  }
  const words = search
    .toWellFormed()
    .split(/\s+/u)
    .filter((word) => word !== '');
  return words.map((word) => `(?:^|[^\\p{L}\\p{N}])${quoteForRegex(word)}`);
}

function quoteForRegex(word: string): string {
  return word.replace(
    /[^\p{L}\p{N}]/gu,
    (character) => `\\x{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}
