import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { EventFilter, SortDirection } from '../analytics.ts';
import type { DuckDbFile } from './duckdb-file.ts';
import { numberOf, storedEventOf, storedEventSql } from './event-columns.ts';
import { eventsOf } from './event-filter.ts';
import type { Row } from './rows-of.ts';

const pageRows = 5_000;
/** Sorted at once, unless more come within the shortest step. */
const sliceRows = 20_000;
/** Slices begin at multiples of these, the shorter ones where too much comes in a longer one. */
const stepsMs = [3_600_000, 60_000, 1_000, 10];

/** What is asked for, in which order. */
interface Question {
  readonly scope: TenantScope;
  readonly filter: EventFilter;
  readonly sort: SortDirection;
}

/**
 * Every matching event in pages: see `Analytics.exportEvents`. Time is walked in slices of few rows, each of which is
 * read and sorted by itself: no row is looked at twice but to be counted. Rejects with the signal's reason on abort.
 */
export async function* exportEvents(
  file: DuckDbFile,
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  for await (const slice of slicesOf(file, question, stepsMs)) {
    signal.throwIfAborted();
    const { sql, parameters } = eventsOf(question.scope, slice);
    const { sort } = question;
    const sorted = `SELECT ${storedEventSql} ${sql} ORDER BY events.event_time ${sort}, events.event_id ${sort}`;
    for await (const rows of inPages(file.stream(sorted, parameters))) {
      signal.throwIfAborted();
      yield rows.map((row) => storedEventOf(row, null));
    }
  }
  signal.throwIfAborted();
}

async function* inPages(chunks: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  let page: Row[] = [];
  for await (const rows of chunks) {
    page.push(...rows);
    if (page.length + rows.length <= pageRows) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** The filter cut by time, in the order of the sort: together the slices take what it takes, also what comes meanwhile. */
async function* slicesOf(
  file: DuckDbFile,
  { scope, filter, sort }: Question,
  [stepMs = 1, ...shorter]: readonly number[],
): AsyncGenerator<EventFilter> {
  const starts = groupSteps(await countSteps(file, { scope, filter, sort }, stepMs));
  for (const i of sort === 'asc' ? starts.keys() : [...starts.keys()].reverse()) {
    const slice = between(filter, i === 0 ? undefined : starts[i]?.fromMs, starts[i + 1]?.fromMs);
    if ((starts[i]?.count ?? 0) <= sliceRows || shorter.length === 0) yield slice;
    else yield* slicesOf(file, { scope, filter: slice, sort }, shorter);
  }
}

interface Step {
  readonly fromMs: number;
  readonly count: number;
}

async function countSteps(
  file: DuckDbFile,
  { scope, filter }: Question,
  stepMs: number,
): Promise<readonly Step[]> {
  const events = eventsOf(scope, filter);
  const rows = await file.query(
    `SELECT floor(epoch_ms(event_time) / ${stepMs})::BIGINT * ${stepMs} AS step, count(*) ${events.sql}
     GROUP BY 1 ORDER BY 1`,
    events.parameters,
  );
  return rows.map((row) => ({ fromMs: numberOf(row[0]), count: numberOf(row[1]) }));
}

/** Joins neighbours that have few rows. There is at least one, so that what comes meanwhile has its place. */
function groupSteps(steps: readonly Step[]): readonly Step[] {
  const groups: { fromMs: number; count: number }[] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last !== undefined && last.count + step.count <= sliceRows) last.count += step.count;
    else groups.push({ ...step });
  }
  return groups.length === 0 ? [{ fromMs: 0, count: 0 }] : groups;
}

function between(filter: EventFilter, fromMs: number | undefined, toMs: number | undefined): EventFilter {
  return {
    ...filter,
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  };
}
