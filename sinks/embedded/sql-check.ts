import { OpenFrameError } from '../../contracts/errors.ts';
import { allowedFunctions } from './sql-functions.ts';

/** A node of the tree that the engine's own parser makes (`json_serialize_sql`). */
export type SqlNode = Readonly<Record<string, unknown>>;

/** Expressions that may stand anywhere; FUNCTION and WINDOW are looked at by their function's name. */
const expressionClasses: ReadonlySet<unknown> = new Set([
  ...[
    'COLUMN_REF',
    'CONSTANT',
    'FUNCTION',
    'WINDOW',
    'COMPARISON',
    'CONJUNCTION',
    'OPERATOR',
    'CASE',
    'CAST',
  ],
  ...['STAR', 'SUBQUERY', 'BETWEEN'],
]);

/** Queries, sources of rows and modifiers. No table function, no SHOW, no PIVOT, no recursion. */
const nodeTypes: ReadonlySet<unknown> = new Set([
  ...['SELECT_NODE', 'SET_OPERATION_NODE'],
  ...['BASE_TABLE', 'SUBQUERY', 'JOIN', 'EMPTY', 'EXPRESSION_LIST'],
  ...['ORDER_MODIFIER', 'LIMIT_MODIFIER', 'DISTINCT_MODIFIER'],
  ...['ASCENDING', 'DESCENDING', 'ORDER_DEFAULT'],
]);

/** Types to cast to, by the parser's names. UNBOUND has the name in its info. */
const castTypes: ReadonlySet<unknown> = new Set([
  ...[
    'BOOLEAN',
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'HUGEINT',
    'UTINYINT',
    'USMALLINT',
    'UINTEGER',
    'UBIGINT',
  ],
  ...[
    'FLOAT',
    'DOUBLE',
    'DECIMAL',
    'VARCHAR',
    'DATE',
    'TIME',
    'TIMESTAMP',
    'TIMESTAMP_S',
    'TIMESTAMP_MS',
    'TIMESTAMP_NS',
  ],
  ...['TIMESTAMP WITH TIME ZONE', 'INTERVAL', 'UUID'],
]);

const depthLimit = 200;

/**
 * Holds a parsed statement to what one may ask: every part of it must be on a list, so that what a later version of
 * the engine brings is refused until it is. `tables` are the names that stand for the tenant's rows. Throws
 * `QUERY_INVALID`.
 */
export function checkSelect(statement: SqlNode, tables: ReadonlySet<string>): void {
  const names = new Set(tables);
  collectNames(statement, names, tables, 0);
  check(statement, names, 0);
}

/** The names that WITH gives; one of a table's would hide who sees what. */
function collectNames(node: unknown, names: Set<string>, tables: ReadonlySet<string>, depth: number): void {
  if (depth > depthLimit) throw refused('It is nested too deep');
  if (Array.isArray(node)) {
    for (const one of node) collectNames(one, names, tables, depth + 1);
    return;
  }
  if (!isNode(node)) return;
  const map = isNode(node['cte_map']) ? node['cte_map']['map'] : undefined;
  for (const entry of Array.isArray(map) ? map : []) {
    const name = isNode(entry) ? String(entry['key']).toLowerCase() : '';
    if (tables.has(name)) throw refused(`WITH gives the name ${name}, which is a table's: choose another`);
    names.add(name);
  }
  for (const child of Object.values(node)) collectNames(child, names, tables, depth + 1);
}

function check(node: unknown, names: ReadonlySet<string>, depth: number): void {
  if (depth > depthLimit) throw refused('It is nested too deep');
  if (Array.isArray(node)) {
    for (const one of node) check(one, names, depth + 1);
    return;
  }
  if (!isNode(node)) return;
  if ('class' in node) checkExpression(node);
  else if (typeof node['type'] === 'string') checkPart(node, names);
  for (const [name, child] of Object.entries(node)) {
    // Values and types have no parts that run; a cast's type is looked at with its expression.
    if (name !== 'value' && name !== 'cast_type') check(child, names, depth + 1);
  }
}

function checkExpression(node: SqlNode): void {
  if (!expressionClasses.has(node['class'])) throw refused(`${word(node['class'])} is not known here`);
  if ('function_name' in node) {
    const name = String(node['function_name']).toLowerCase();
    if (!allowedFunctions.has(name)) throw refused(`The function ${word(name)} is not known here`);
    if (!isBlank(node['schema']) || !isBlank(node['catalog'])) throw refused('A function has no schema here');
  }
  if (node['class'] === 'CAST') checkCast(node['cast_type']);
}

function checkCast(type: unknown): void {
  const id = isNode(type) ? type['id'] : undefined;
  const info = isNode(type) && isNode(type['type_info']) ? type['type_info'] : undefined;
  const named = info?.['name'] ?? (isNode(info?.['expr']) ? info['expr']['type_name'] : undefined);
  const name = id === 'UNBOUND' ? String(named).toUpperCase() : id;
  if (castTypes.has(name) || name === 'JSON') return;
  throw refused(`The type ${word(name)} is not known here`);
}

function checkPart(node: SqlNode, names: ReadonlySet<string>): void {
  if (!nodeTypes.has(node['type'])) throw refused(`${word(node['type'])} is not known here`);
  if ((node['sample'] ?? null) !== null) throw refused('TABLESAMPLE is not known here');
  if (node['type'] !== 'BASE_TABLE') return;
  const name = String(node['table_name']).toLowerCase();
  const isQualified = !isBlank(node['schema_name']) || !isBlank(node['catalog_name']);
  if (isQualified || !names.has(name) || (node['at_clause'] ?? null) !== null) {
    throw refused(`There is no table ${word(node['table_name'])} here`);
  }
}

export function refused(what: string): OpenFrameError {
  return new OpenFrameError(
    'QUERY_INVALID',
    `${what}: ask one SELECT over the tables that are listed, with functions for numbers, texts and times.`,
    { details: { field: 'sql' } },
  );
}

/** What a message quotes of a hostile question. */
function word(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 60));
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === '';
}

export function isNode(value: unknown): value is SqlNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
