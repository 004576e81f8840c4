import type { Completeness } from '../../contracts/completeness.ts';

/** What `POST /api/v1/sql` answers. */
export interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly completeness?: Completeness;
}

/** What `GET /api/v1/sql` answers. */
export interface SqlTables {
  readonly dialect: string;
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
  }[];
}

export const sqlExamples = [
  {
    name: 'Events by severity',
    text: 'SELECT severity, count(*) AS n\nFROM events\nGROUP BY severity\nORDER BY n DESC',
    variables: '',
  },
  {
    name: 'Noisiest devices',
    text: 'SELECT hostname, count(*) AS n\nFROM events\nWHERE hostname IS NOT NULL\nGROUP BY hostname\nORDER BY n DESC\nLIMIT 20',
    variables: '',
  },
  {
    name: 'Newest errors',
    text: "SELECT event_time, hostname, summary\nFROM events\nWHERE severity IN ('ERROR', 'CRITICAL')\nORDER BY event_time DESC\nLIMIT 100",
    variables: '',
  },
] as const;

/** The question of an address; the first example where it has none. */
export function parseSql(queryString: string): string {
  return new URLSearchParams(queryString).get('sql') ?? sqlExamples[0].text;
}

export function printSql(sql: string): string {
  return `?${new URLSearchParams({ language: 'sql', sql }).toString()}`;
}

/** The same question for a shell: the token is left for the caller to put in. */
export function sqlAsCurl(origin: string, sql: string): string {
  const body = JSON.stringify({ sql }).replaceAll("'", `'\\''`);
  return `curl -s '${origin}/api/v1/sql' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${body}'`;
}

/** A value in its cell. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
