import { describe, expect, it } from 'vitest';

import { lawsSummary, lawsTable, type LawResult } from './laws-table.ts';

const results: readonly LawResult[] = [
  { port: 'log', engine: 'SQLite', law: 'keeps order', outcome: 'held', reason: null },
  { port: 'log', engine: 'SQLite', law: 'closes twice', outcome: 'failed', reason: null },
  { port: 'log', engine: 'Kafka', law: 'keeps order', outcome: 'deviates', reason: 'it has a | in it' },
];

describe('the table of laws', () => {
  it('says what each engine holds, with the reason of each deviation', () => {
    expect(lawsTable(results)).toBe(
      [
        '## Log',
        '',
        '| law | SQLite | Kafka |',
        '| --- | --- | --- |',
        '| keeps order | held | not here (1) |',
        '| closes twice | failed | not run |',
        '| **held** | 1 of 2 | 0 of 1 |',
        '',
        '1. it has a | in it',
        '',
      ].join('\n'),
    );
  });

  it('sums up each engine, and names what it does not hold', () => {
    expect(lawsSummary(results).split('\n')).toEqual([
      'log on SQLite: 1 of 2 laws held',
      '  failed: closes twice',
      'log on Kafka: 0 of 1 laws held',
      '  deviates: keeps order: it has a | in it',
    ]);
  });
});
