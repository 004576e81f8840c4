import type { SqlTable } from '../sql.ts';
import { literal, storedNull, textLiteral } from './stored-text.ts';
import { refused, type Token, tokensOf, word } from './sql-tokens.ts';
import { columnOf } from './tables.ts';

const members =
  `eventId source sourceId toolType sourceType eventType severity deviceId hostname organizationId
  organizationName userId summary message`.split(/\s+/);
const snakeOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** By the name that people know: the column. */
const textColumns: ReadonlyMap<string, string> = new Map(
  members.map((member) => [snakeOf(member), columnOf(member)]),
);
const timeColumns = ['event_time', 'ingest_time'];
const columns: ReadonlyMap<string, string> = new Map([
  ...textColumns,
  ...timeColumns.map((name): [string, string] => [name, name]),
]);
/** By column: the name that people know. */
export const shownNames: ReadonlyMap<string, string> = new Map(
  [...columns].map(([name, column]) => [column, name]),
);

export const eventsTable: SqlTable = {
  name: 'events',
  columns: [...columns.keys()].map((name) => ({
    name,
    type: timeColumns.includes(name) ? 'LONG' : 'STRING',
  })),
};

const functions: ReadonlySet<string> = new Set(
  `count sum avg min max mode minmaxrange distinctcount distinctcounthll distinctcountbitmap percentile percentileest
  percentiletdigest lower upper length substr concat trim ltrim rtrim replace reverse startswith strpos regexp_like
  datetrunc todatetime fromdatetime datetimeconvert toepochseconds toepochminutes toepochhours toepochdays year month
  week day hour minute second dayofweek dayofyear quarter now ago abs ceil floor round exp ln sqrt mod plus minus times
  divide`.split(/\s+/),
);
const keywords: ReadonlySet<string> = new Set(
  `and or not in like between is null case when then else end as asc desc distinct true false`.split(' '),
);
/** The parts of a question, in their order. */
const parts = ['select', 'from', 'where', 'group', 'having', 'order', 'limit'] as const;
type Part = (typeof parts)[number];
const depthLimit = 50;

/** A question as `TenantRows` takes it. Nothing in it reaches out of its brackets. */
export interface TranslatedSql {
  readonly select: string;
  readonly where: readonly string[];
  readonly rest: string;
}

/**
 * A SELECT over the table events, with its names and texts as the columns hold them. Every word must be a column, a
 * name that AS gives, a function or a keyword of the lists above: so there is no way to another table, a subquery or
 * an option. `limit` is the most rows. Throws `QUERY_INVALID`.
 */
export function translateSql(sql: string, limit: number): TranslatedSql {
  const split = splitParts(tokensOf(sql));
  const from = split.get('from') ?? [];
  if (from.length !== 1 || from[0]?.kind === 'text' || from[0]?.text.toLowerCase() !== 'events') {
    throw refused('The table is not events');
  }
  const aliases = aliasesOf(split.get('select') ?? []);
  const print = (part: Part): string => printed(split.get(part) ?? [], aliases);
  const select = print('select');
  if (select === '') throw refused('Nothing is selected');
  const rest = (['group', 'having', 'order'] as const).flatMap((part) => {
    const tokens = split.get(part);
    if (tokens === undefined) return [];
    return [`${part === 'having' ? 'HAVING' : `${part.toUpperCase()} BY`} ${print(part)}`];
  });
  return {
    select,
    where: split.has('where') ? [print('where')] : [],
    rest: [...rest, limitOf(split.get('limit'), limit)].join(' '),
  };
}

function splitParts(tokens: readonly Token[]): ReadonlyMap<Part, readonly Token[]> {
  const found = new Map<Part, Token[]>();
  let current: Part | undefined;
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    if (token.text === '(' && token.kind === 'mark' && ++depth > depthLimit)
      throw refused('It is nested too deep');
    if (token.text === ')' && token.kind === 'mark' && --depth < 0) throw refused('A bracket closes nothing');
    const lower = token.text.toLowerCase();
    const part = token.kind === 'word' && depth === 0 ? parts.find((one) => one === lower) : undefined;
    if (part === undefined) {
      if (current === undefined) throw refused('It does not begin with SELECT');
      const isBy = lower === 'by' && token.kind === 'word' && found.get(current)?.length === 0;
      const follows = tokens[at - 1]?.text.toLowerCase();
      if (isBy && (follows === 'group' || follows === 'order')) continue;
      found.get(current)?.push(token);
      continue;
    }
    if (found.has(part) || (current !== undefined && parts.indexOf(part) < parts.indexOf(current))) {
      throw refused(`${part.toUpperCase()} stands where it cannot`);
    }
    if (current === undefined && part !== 'select') throw refused('It does not begin with SELECT');
    found.set(part, []);
    current = part;
  }
  if (depth !== 0) throw refused('A bracket is not closed');
  return found;
}

function aliasesOf(tokens: readonly Token[]): ReadonlySet<string> {
  return new Set(
    tokens.flatMap((token, at) => {
      const before = tokens[at - 1];
      const isNamed = before?.kind === 'word' && before.text.toLowerCase() === 'as';
      return isNamed && (token.kind === 'word' || token.kind === 'quoted') ? [token.text.toLowerCase()] : [];
    }),
  );
}

function printed(tokens: readonly Token[], aliases: ReadonlySet<string>): string {
  const out: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (isConstantTest(tokens, at)) throw refused('A condition compares no column');
    const nulls = nullTest(tokens, at);
    if (nulls !== undefined) {
      out.push(nulls.sql);
      at += nulls.length - 1;
    } else out.push(printToken(token, tokens[at - 1], tokens[at + 1], aliases));
  }
  return out.join(' ');
}

/** `1 = 1`: Pinot takes no constant for a condition, and ends with a fault of its own. */
function isConstantTest(tokens: readonly Token[], at: number): boolean {
  const isConstant = (token: Token | undefined): boolean =>
    token?.kind === 'number' || token?.kind === 'text';
  const between = tokens[at + 1];
  const compares = between?.kind === 'mark' && /^[=<>!]/.test(between.text);
  return compares && isConstant(tokens[at]) && isConstant(tokens[at + 2]);
}

/** `column IS [NOT] NULL`: a text column holds a mark where the event says nothing. */
function nullTest(tokens: readonly Token[], at: number): { sql: string; length: number } | undefined {
  const words = tokens.slice(at, at + 4).map(({ kind, text }) => (kind === 'word' ? text.toLowerCase() : ''));
  const column = textColumns.get(words[0] ?? '');
  if (column === undefined || words[1] !== 'is') return undefined;
  if (words[2] === 'null') return { sql: `${column} = ${literal(storedNull)}`, length: 3 };
  if (words[2] === 'not' && words[3] === 'null')
    return { sql: `${column} <> ${literal(storedNull)}`, length: 4 };
  return undefined;
}

function printToken(
  token: Token,
  before: Token | undefined,
  after: Token | undefined,
  aliases: ReadonlySet<string>,
): string {
  const { kind, text } = token;
  if (kind === 'text') return textLiteral(text);
  if (kind === 'number') return text;
  if (kind === 'mark') {
    const isAll =
      text === '*' && (before === undefined || before.text === ',') && kindOf(after) !== 'operand';
    return isAll ? [...columns.values()].join(', ') : text;
  }
  const lower = text.toLowerCase();
  const isCall = after?.kind === 'mark' && after.text === '(';
  if (kind === 'word' && isCall && functions.has(lower)) return lower;
  if (kind === 'word' && keywords.has(lower)) return lower.toUpperCase();
  if (isCall) throw refused(`The function ${word(text)} is not known here`);
  const column = columns.get(lower);
  if (column !== undefined) return column;
  if (aliases.has(lower) && /^[a-z_]\w*$/.test(lower)) return `"${lower}"`;
  throw refused(`There is no column ${word(text)}`);
}

function kindOf(token: Token | undefined): 'operand' | 'other' {
  const isOther = token === undefined || (token.kind === 'mark' && token.text !== '(');
  return isOther ? 'other' : 'operand';
}

function limitOf(tokens: readonly Token[] | undefined, most: number): string {
  if (tokens === undefined) return `LIMIT ${most}`;
  const [count, offset, from, ...others] = tokens;
  const whole = (token: Token | undefined): number => {
    if (token?.kind === 'number' && /^\d{1,9}$/.test(token.text)) return Number(token.text);
    throw refused('LIMIT and OFFSET take a whole number');
  };
  const limit = Math.min(whole(count), most);
  if (offset === undefined) return `LIMIT ${limit}`;
  if (offset.text.toLowerCase() !== 'offset' || others.length > 0) throw refused('LIMIT takes a number');
  return `LIMIT ${limit} OFFSET ${whole(from)}`;
}
