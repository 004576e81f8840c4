import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type EnrichedEvent, toStoredEvent } from '../../contracts/enriched.ts';
import { enrichedEvent } from '../../tests/query-api/enriched-events.ts';
import { csvColumns, csvHeader, csvOfEvents } from './event-csv.ts';

/** The records of a text as RFC 4180 defines it: an independent reader. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quoted = /"((?:[^"]|"")*)"(,|\r\n)/y;
    const plain = /([^",\r\n]*)(,|\r\n)/y;
    quoted.lastIndex = plain.lastIndex = at;
    const match = quoted.exec(text) ?? plain.exec(text);
    if (match === null) throw new Error(`No RFC 4180 from ${JSON.stringify(text.slice(at, at + 40))} on.`);
    record.push((match[1] ?? '').replaceAll('""', '"'));
    at += match[0].length;
    if (match[2] === ',') continue;
    records.push(record);
    record = [];
  }
  return records;
}

function cellsOf(given: Partial<EnrichedEvent>): Map<string, string> {
  const [record = []] = readCsv(csvOfEvents([toStoredEvent(enrichedEvent(1, given))]));
  return new Map(csvColumns.map((column, index) => [column, record[index] ?? 'absent']));
}

describe('CSV of events', () => {
  it('begins with a line of names', () => {
    expect(readCsv(csvHeader())).toEqual([[...csvColumns]]);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=cmd|"/C calc"!A0', '＝1'])(
    'disarms the formula %j in every text',
    (text) => {
      const cells = cellsOf({
        summary: text,
        hostname: text,
        organizationName: text,
        userId: text,
        source: text,
      });
      for (const column of ['summary', 'hostname', 'organizationName', 'userId', 'source']) {
        expect(cells.get(column)).toBe(`'${text}`);
      }
    },
  );

  it('leaves what is unknown empty', () => {
    expect(cellsOf({}).get('hostname')).toBe('');
  });

  it('holds any text as one cell of one line, in any place', () => {
    const text = fc.string({
      unit: fc.constantFrom('"', ',', '\r', '\n', '=', "'", 'a', 'ü', '\u0000', '🙈'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), (rows) => {
        const events = rows.map(([summary, hostname]) =>
          toStoredEvent(enrichedEvent(1, { summary, hostname })),
        );
        const records = readCsv(csvOfEvents(events));
        expect(records).toHaveLength(rows.length);
        for (const [index, record] of records.entries()) {
          expect(record).toHaveLength(csvColumns.length);
          const summary = rows[index]?.[0] ?? '';
          const disarmed = /^[=\r]/.test(summary) ? `'${summary}` : summary;
          expect(record[csvColumns.indexOf('summary')]).toBe(disarmed);
        }
      }),
    );
  });
});
