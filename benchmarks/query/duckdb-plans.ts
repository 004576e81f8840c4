import { z } from 'zod';

import { DuckDbFile, type DuckDbReader, type Run } from '../../sinks/embedded/duckdb-file.ts';
import { eventStats } from '../../sinks/embedded/event-counts.ts';
import { facetCounts } from '../../sinks/embedded/event-facets.ts';
import { findEvent } from '../../sinks/embedded/event-lookup.ts';
import { eventPage } from '../../sinks/embedded/event-pages.ts';
import { storeFormat } from '../../sinks/embedded/event-store.ts';
import type { Parameter } from '../../sinks/embedded/rows-of.ts';
import type { Asked, Question } from './questions.ts';

interface Operator {
  readonly operator_name: string;
  readonly operator_timing: number;
  readonly operator_cardinality: number;
  readonly operator_rows_scanned: number;
  readonly extra_info: Readonly<Record<string, unknown>>;
  readonly children: readonly Operator[];
}

const operatorSchema: z.ZodType<Operator> = z.object({
  operator_name: z.string(),
  operator_timing: z.number(),
  operator_cardinality: z.number(),
  operator_rows_scanned: z.number(),
  extra_info: z.record(z.string(), z.unknown()),
  children: z.lazy(() => z.array(operatorSchema)),
});
const planSchema = z.object({ children: z.array(operatorSchema) });

/** As text: the statements that each question puts to the engine, each with how the engine went about it. */
export async function plansOf(path: string, questions: readonly Question[], nowMs: number): Promise<string> {
  await using file = await DuckDbFile.open({
    path,
    readableFolder: `${path}.staging`,
    memoryLimitMb: 160,
    schema: [],
    schemaVersion: storeFormat,
  });
  const statements: string[] = [];
  const explained =
    (run: Run): Run =>
    async (sql, parameters = []) => {
      statements.push(await explain(run, sql, parameters));
      return run(sql, parameters);
    };
  const query = explained((sql, parameters = []) => file.query(sql, parameters));
  const watched: DuckDbReader = {
    query,
    queryKept: query,
    read: (work) => file.read((run) => work(explained(run))),
  };
  const texts: string[] = [];
  for (const question of questions) {
    statements.length = 0;
    await question.ask(askedOf(watched), nowMs);
    texts.push(`== ${question.name}\n\n${statements.join('\n')}`);
  }
  return texts.join('\n');
}

function askedOf(file: DuckDbReader): Asked {
  return {
    stats: (scope, request) => eventStats(file, scope, request),
    facets: (scope, filter, limit) => facetCounts(file, scope, filter, limit),
    events: (scope, request) => eventPage(file, scope, request),
    event: (scope, eventId) => findEvent(file, scope, eventId),
  };
}

/** A statement and its plan: an operator a line, with its time, the rows that it gave and, of a table, those it read. */
async function explain(run: Run, sql: string, parameters: readonly Parameter[]): Promise<string> {
  const [row] = await run(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, parameters);
  const plan = planSchema.parse(JSON.parse(String(row?.[1])));
  const operators = plan.children.flatMap(({ children }) => children.flatMap((child) => linesOf(child, 1)));
  return `${sql.replaceAll(/\s+/g, ' ').slice(0, 2_000)}\n${operators.join('\n')}\n`;
}

function linesOf(operator: Operator, depth: number): string[] {
  const { operator_name: name, extra_info: info, children } = operator;
  const table = typeof info['Table'] === 'string' ? ` ${info['Table']}` : '';
  const read = table === '' ? '' : `, ${operator.operator_rows_scanned} rows looked at`;
  const filters = info['Filters'] === undefined ? '' : `; ${JSON.stringify(info['Filters'])}`;
  const ms = (operator.operator_timing * 1000).toFixed(2);
  const line = `${'  '.repeat(depth)}${name.trim()}${table}: ${ms} ms, ${operator.operator_cardinality} rows${read}${filters}`;
  return [line, ...children.flatMap((child) => linesOf(child, depth + 1))];
}
