import { z } from 'zod';

import type { SqlConsole } from '../../sinks/sql.ts';
import { type AskCompleteness, withCompleteness } from '../questions/completeness.ts';
import { csvOfRows } from './event-csv.ts';
import { goneSignal } from './gone-signal.ts';
import { parseBody } from './parse-request.ts';
import { completenessShape, jsonType, noParameters, readRoute, type RestRoute } from './route.ts';

interface SqlRouteDeps {
  readonly analytics: { readonly sql: SqlConsole };
  readonly completeness: AskCompleteness;
  readonly stopped: AbortSignal;
}

const columnSchema = z.strictObject({ name: z.string(), type: z.string() });
const sqlLength = 10_000;
const askedSchema = z.strictObject({
  sql: z
    .string()
    .min(1)
    .max(sqlLength, { error: `must be at most ${sqlLength} characters` }),
  /** Most rows of the answer. */
  limit: z.int().min(1).max(10_000).default(1_000),
  explain: z.boolean().default(false),
  format: z.enum(['json', 'csv']).default('json'),
});

/** SQL on analytics, of the token's tenant alone, and what may be asked. */
export function createSqlRoutes(deps: SqlRouteDeps): RestRoute[] {
  return [tablesRoute(deps), askRoute(deps)];
}

function tablesRoute({ analytics }: SqlRouteDeps): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/sql',
    operationId: 'getSqlTables',
    summary: 'What SQL may ask',
    tag: 'sql',
    description: 'The dialect, and the tables with their columns.',
    content: {
      [jsonType]: z.strictObject({
        dialect: z.enum(['DuckDB', 'Pinot']),
        tables: z.array(z.strictObject({ name: z.string(), columns: z.array(columnSchema) })),
      }),
    },
    handle: ({ principal: _who }) =>
      Promise.resolve({ dialect: analytics.sql.dialect, tables: analytics.sql.tables }),
  });
}

function askRoute({ analytics, completeness, stopped }: SqlRouteDeps): RestRoute {
  return {
    method: 'POST',
    path: '/sql',
    operationId: 'askSql',
    summary: 'One SELECT over the tenant’s rows',
    tag: 'sql',
    access: 'reader',
    query: noParameters,
    params: noParameters,
    body: askedSchema,
    streams: false,
    answer: {
      status: 200,
      description: 'The rows, or the plan. Closing the connection cancels the question.',
      content: {
        [jsonType]: z.strictObject({
          columns: z.array(columnSchema),
          rows: z.array(z.array(z.unknown())),
          truncated: z.boolean().describe('There are more rows than were asked for.'),
          ...completenessShape,
        }),
        'text/csv': null,
      },
    },
    async run(request, reply, signIn) {
      const principal = await signIn(request);
      const { format, ...asked } = parseBody(askedSchema, request.body);
      const signal = AbortSignal.any([goneSignal(reply), stopped]);
      const answer = await withCompleteness(completeness, principal, () =>
        analytics.sql.run(principal, asked, signal),
      );
      if (format === 'json') return answer;
      void reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="sql.csv"');
      const names = answer.columns.map(({ name }) => name);
      return csvOfRows([names, ...answer.rows.map((row) => row.map(cellOf))]);
    },
  };
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
