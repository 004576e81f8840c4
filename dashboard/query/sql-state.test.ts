import { describe, expect, it } from 'vitest';

import { cellText, parseSql, printSql, sqlAsCurl, sqlExamples } from './sql-state.ts';

describe('the SQL console', () => {
  it('keeps its question in the address, whatever it holds', () => {
    for (const sql of ['SELECT 1', "SELECT 'a&b=c #' -- x\n", '日本 %']) {
      expect(parseSql(printSql(sql))).toBe(sql);
    }
    expect(parseSql('?language=sql')).toBe(sqlExamples[0].text);
  });

  it('gives a command that a shell reads as one', () => {
    expect(sqlAsCurl('http://x', "SELECT 'a'")).toContain(String.raw`-d '{"sql":"SELECT '\''a'\''"}'`);
  });

  it('shows every value as text', () => {
    expect(['', 'a', 7, true, null, [1, 'b']].map(cellText)).toEqual(['', 'a', '7', 'true', '', '[1,"b"]']);
  });
});
