import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type NumberedRow, readNewestFirst, type RowCursor } from './newest-first.ts';

const perPage = 100;

const row = (id: number, timeMs = id): NumberedRow => ({
  id,
  timeMs,
  reading: { messageType: 'T', id: String(id), timeMs, value: { row: { id } } },
});

/** A table as a server pages it; `between` runs before each page. */
function pager(table: Map<number, NumberedRow>, between: () => void = () => undefined) {
  return async (number: number) => {
    between();
    const newestFirst = [...table.values()].sort((a, b) => b.id - a.id);
    const rows = newestFirst.slice(number * perPage, (number + 1) * perPage);
    return { rows, more: (number + 1) * perPage < newestFirst.length };
  };
}

/** Reads once, giving up before page `killedAt` is taken; what was taken, and the cursor that was kept. */
async function readOnce(
  page: ReturnType<typeof pager>,
  cursor: RowCursor | null,
  killedAt = Number.POSITIVE_INFINITY,
): Promise<{ readonly ids: number[]; readonly cursor: RowCursor | null }> {
  const ids: number[] = [];
  let kept = cursor;
  let taken = 0;
  for await (const found of readNewestFirst({ cursor, sinceMs: 0, page })) {
    ids.push(...found.readings.map(({ id }) => Number(id)));
    if (taken++ >= killedAt) break;
    kept = (found.cursor as RowCursor | undefined) ?? kept;
  }
  return { ids, cursor: kept };
}

describe('readNewestFirst', () => {
  it('gives every row, whatever is written while pages are read, wherever it is killed, late rows too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            written: fc.integer({ min: 0, max: 450 }),
            between: fc.integer({ min: 0, max: 60 }),
            skipped: fc.integer({ min: 0, max: 20 }),
            killed: fc.boolean(),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (rounds) => {
          const table = new Map<number, NumberedRow>();
          const given = new Set<number>();
          let lastId = 0;
          let late: number[] = [];
          let cursor: RowCursor | null = null;
          const write = (count: number): void => {
            for (let i = 0; i < count; i++) table.set(++lastId, row(lastId));
          };
          for (const { written, between, skipped, killed } of rounds) {
            for (const id of late) table.set(id, row(id));
            late = [];
            write(written);
            for (let i = 0; i < skipped; i++) late.push(++lastId);
            write(1);
            let left = between;
            const page = pager(table, () => {
              write(Math.min(left, 30));
              left -= Math.min(left, 30);
            });
            const read = await readOnce(page, cursor, killed ? 0 : undefined);
            for (const id of read.ids) given.add(id);
            cursor = read.cursor;
          }
          for (const id of late) table.set(id, row(id));
          for (const id of (await readOnce(pager(table), cursor)).ids) given.add(id);
          expect([...table.keys()].filter((id) => !given.has(id))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives a row once where it was not killed', async () => {
    const table = new Map([1, 2, 3].map((id) => [id, row(id)]));
    const first = await readOnce(pager(table), null);
    table.set(5, row(5));
    const second = await readOnce(pager(table), first.cursor);
    table.set(4, row(4));
    const third = await readOnce(pager(table), second.cursor);
    expect([first.ids, second.ids, third.ids]).toEqual([[1, 2, 3], [5], [4]]);
    expect((await readOnce(pager(table), third.cursor)).ids).toEqual([]);
  });

  it('leaves rows from before the beginning alone, later as well', async () => {
    const table = new Map([1, 2, 3, 4].map((id) => [id, row(id, id * 10)]));
    const ids: string[] = [];
    let cursor: RowCursor | null = null;
    for (let round = 0; round < 2; round++) {
      for await (const found of readNewestFirst({ cursor, sinceMs: 25, page: pager(table) })) {
        ids.push(...found.readings.map(({ id }) => id));
        cursor = (found.cursor as RowCursor | undefined) ?? cursor;
      }
    }
    expect(ids).toEqual(['3', '4']);
  });

  it('hands a long history on in spans, the oldest row of a span first, and moves the cursor at the end', async () => {
    const table = new Map(Array.from({ length: 10_250 }, (_, i) => [i + 1, row(i + 1)]));
    const spans: (readonly [first: string | undefined, count: number, hasCursor: boolean])[] = [];
    for await (const { readings, cursor } of readNewestFirst({
      cursor: null,
      sinceMs: 0,
      page: pager(table),
    })) {
      spans.push([readings[0]?.id, readings.length, cursor !== undefined]);
    }
    expect(spans).toEqual([
      ['251', 10_000, false],
      ['1', 250, true],
    ]);
  });

  it('ends with a server that gives the same page for ever', async () => {
    const page = async () => ({ rows: [row(7)], more: true });
    const reading = readOnce(page, null);
    await expect(reading).rejects.toMatchObject({ code: 'TOOL_UNAVAILABLE', retryable: true });
  });
});
