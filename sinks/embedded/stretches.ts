import { isRetryable } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import { storeFault } from './duckdb-faults.ts';
import type { DuckDbFile, Run } from './duckdb-file.ts';
import { numberOf } from './event-columns.ts';
import { cutGap, smallTogether } from './cut-gap.ts';
import type { Backfill } from './late-facts.ts';
import { gapsBetween, numberedSql, rangeSql, readStretches, type Stretch } from './stretch-cover.ts';
import {
  backfilledSql,
  countStretchSql,
  dropStretchesSql,
  joinStretchesSql,
  momentLiteral,
} from './stretch-tables.ts';
import type { TimeRange } from './time-ranges.ts';
import { transact } from './transact.ts';

/** What is newer is not counted yet: most events come within that. */
const settleMs = 30_000;
/** Stretches begin and end at multiples of this. */
const stepMs = 10_000;
/** A stretch with late rows is counted anew when the first of them is so old. */
const lateMs = 600_000;
/** The newest events are counted in stretches of so small a part, which are joined later: less to look at by row. */
const newestShare = 1 / 5;
/** Counted in one go, so that a flush after the first start on many rows does not last. */
const stretchesAtOnce = 2;

export interface WrittenRows {
  /** Cover the rows' event times; ends are included. */
  readonly ranges: readonly TimeRange[];
  readonly count: number;
  /** The moment that the rows take for the time of their storing. */
  readonly nowMs: number;
}

/** Keeps the stretches of a file true while rows are written, changed and removed, and counts new ones. */
export class Stretches {
  readonly #file: DuckDbFile;
  readonly #clock: Clock;
  /** Events of a stretch, about. */
  readonly #events: number;
  /** As they are stored; undefined where that has to be read. Only changes of the file look at it. */
  #known: readonly Stretch[] | undefined;
  #knownLosses = 0;
  #uncounted: number;
  #counting: { readonly range: TimeRange; touched: boolean } | undefined;

  constructor(file: DuckDbFile, clock: Clock, events: number) {
    this.#file = file;
    this.#clock = clock;
    this.#events = events;
    this.#uncounted = events;
  }

  /**
   * Before the transaction that writes rows, within the same change. Where that fails, nothing is wrong: a stretch is
   * only looked at for late rows that it has not.
   */
  async noteWrite(run: Run, { ranges, count, nowMs }: WrittenRows): Promise<void> {
    this.#uncounted += count;
    this.#touch(ranges);
    const known = await this.#read(run);
    const earliestMs = Math.min(...ranges.map(({ fromMs }) => fromMs));
    if (earliestMs >= (known.at(-1)?.toMs ?? -Infinity)) return;
    const isNews = ({ lateFromMs }: Stretch): boolean => lateFromMs === undefined || lateFromMs > nowMs;
    const late = known.filter(
      (stretch) => isNews(stretch) && ranges.some((range) => isWithin(stretch, range)),
    );
    if (late.length === 0) return;
    this.#known = undefined;
    const which = numberedSql(late);
    const now = momentLiteral(nowMs);
    await transact(run, async () => {
      for (const sql of dropStretchesSql(`${which} AND stored_to >= ${now}`)) await run(sql);
      await run(`UPDATE stretches SET late_from = ${now} WHERE ${which}`);
      return true;
    });
  }

  /** Part of the transaction that changes or removes rows of these times. */
  async noteChange(run: Run, ranges: readonly TimeRange[]): Promise<void> {
    this.#touch(ranges);
    this.#known = undefined;
    const changed = (await readStretches(run)).filter((s) => ranges.some((range) => isWithin(s, range)));
    if (changed.length === 0) return;
    for (const sql of dropStretchesSql(numberedSql(changed))) await run(sql);
  }

  /** Part of the transaction that completes rows by devices, before it does. */
  async noteBackfills(run: Run, backfills: readonly Backfill[]): Promise<void> {
    if (this.#counting !== undefined) this.#counting.touched = true;
    this.#known = undefined;
    const rows = await run(`SELECT stretch FROM stretches WHERE ${backfilledSql}`, [
      JSON.stringify(backfills),
    ]);
    if (rows.length === 0) return;
    const changed = rows.map((row) => ({ stretch: numberOf(row[0]) }));
    for (const sql of dropStretchesSql(numberedSql(changed))) await run(sql);
  }

  /**
   * Counts stretches that are due, a few at most; asked after each flush, and at work only when enough was written.
   * Writes go on meanwhile: what is written into a stretch while it is counted makes it wait for the next time.
   */
  async count(): Promise<void> {
    if (this.#uncounted < (this.#events * newestShare) / 2) return;
    this.#uncounted = 0;
    try {
      await this.#forgetOneLate();
      const { next, due } = await this.#file.read((run) => this.#due(run));
      for (const [i, range] of due.slice(0, stretchesAtOnce).entries()) await this.#countOne(next + i, range);
      if (due.length > stretchesAtOnce) this.#uncounted = this.#events;
      await this.#joinSmall();
    } catch (error) {
      // Rows that are not counted are looked at: nothing is wrong, and the next flush tries again.
      const fault = storeFault(error, this.#file.path);
      if (!isRetryable(fault)) throw fault;
      this.#uncounted = this.#events;
    }
  }

  async #read(run: Run): Promise<readonly Stretch[]> {
    if (this.#known === undefined || this.#knownLosses !== this.#file.losses) {
      this.#knownLosses = this.#file.losses;
      this.#known = await readStretches(run);
    }
    return this.#known;
  }

  #touch(ranges: readonly TimeRange[]): void {
    const counting = this.#counting;
    if (counting !== undefined && ranges.some((range) => isWithin(counting.range, range)))
      counting.touched = true;
  }

  /** So that it is counted anew, with the late rows. */
  async #forgetOneLate(): Promise<void> {
    const beforeMs = this.#clock.nowMs() - lateMs;
    await this.#file.change(async (run) => {
      const old = (await this.#read(run)).filter((s) => (s.lateFromMs ?? Infinity) < beforeMs);
      const oldest = old.sort((a, b) => (a.lateFromMs ?? 0) - (b.lateFromMs ?? 0))[0];
      if (oldest === undefined) return;
      this.#known = undefined;
      await transact(run, async () => {
        for (const sql of dropStretchesSql(numberedSql([oldest]))) await run(sql);
        return true;
      });
    });
  }

  /** The stretches that can be made, oldest first, and the number that is free for the first. */
  async #due(run: Run): Promise<{ readonly next: number; readonly due: readonly TimeRange[] }> {
    const stretches = await readStretches(run);
    const settledMs = Math.floor((this.#clock.nowMs() - settleMs) / stepMs) * stepMs;
    const gaps = gapsBetween(stretches);
    const rows = await run(
      `SELECT floor(epoch_ms(event_time) / ${stepMs})::BIGINT * ${stepMs} AS step, count(*) FROM events
       WHERE event_time < ${momentLiteral(settledMs)} AND (${gaps.map(rangeSql).join(' OR ')}) GROUP BY 1 ORDER BY 1`,
    );
    const steps = rows.map((row) => ({ fromMs: numberOf(row[0]), count: numberOf(row[1]) }));
    const cut = { steps, stepMs, events: this.#events, newest: this.#events * newestShare };
    return { next: nextNumber(stretches), due: gaps.flatMap((gap) => cutGap(gap, cut)) };
  }

  #countOne(stretch: number, range: TimeRange): Promise<void> {
    return this.#unlessTouched(range, { first: countStretchSql(stretch, range), last: [] });
  }

  /** Makes one stretch of small ones that touch, when they have enough rows together. */
  async #joinSmall(): Promise<void> {
    const { stretches, counts } = await this.#file.read(async (run) => ({
      stretches: await readStretches(run),
      counts: await run('SELECT stretch, sum(events)::BIGINT FROM stretch_totals GROUP BY stretch'),
    }));
    const countOf = new Map(counts.map((row) => [numberOf(row[0]), numberOf(row[1])]));
    const small = smallTogether(stretches, countOf, this.#events);
    const [first, last] = [small[0], small.at(-1)];
    if (first === undefined || last === undefined) return;
    const which = numberedSql(small);
    await this.#unlessTouched(
      { fromMs: first.fromMs, toMs: last.toMs },
      {
        first: joinStretchesSql(nextNumber(stretches), which, first.fromMs),
        last: dropStretchesSql(which),
      },
    );
  }

  /**
   * Runs statements in a transaction of its own, those of `last` while nothing is written. Nothing is kept where rows of
   * this time were written or changed meanwhile.
   */
  async #unlessTouched(
    range: TimeRange,
    { first, last }: { readonly first: readonly string[]; readonly last: readonly string[] },
  ): Promise<void> {
    const counting = { range, touched: false };
    try {
      // Whatever was written before this has been committed, and whatever is written after it is noticed.
      await this.#file.change(async () => void (this.#counting = counting));
      await this.#file.withConnection(async (connection) => {
        await connection.run('BEGIN');
        for (const sql of first) await connection.run(sql);
        await this.#file.change(async () => {
          if (!counting.touched) for (const sql of last) await connection.run(sql);
          await connection.run(counting.touched ? 'ROLLBACK' : 'COMMIT');
          this.#known = undefined;
        });
      });
    } finally {
      this.#counting = undefined;
    }
  }
}

function nextNumber(stretches: readonly Stretch[]): number {
  return Math.max(0, ...stretches.map(({ stretch }) => stretch)) + 1;
}

/** Whether a stretch, whose end is not included, shares a moment with a range, whose end is. */
function isWithin(stretch: TimeRange, range: TimeRange): boolean {
  return stretch.fromMs <= range.toMs && stretch.toMs > range.fromMs;
}
