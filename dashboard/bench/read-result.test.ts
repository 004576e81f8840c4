import { describe, expect, it } from 'vitest';

import { metricRows, parseResult, readResult, UnreadableResult } from './read-result.ts';

const report = {
  schema: 'openframe.bench/1',
  kind: 'micro',
  verdict: 'VALID',
  reasons: [],
  machine: { cpu: 'c', cores: 2, memoryGb: 25, node: 'v24', kernel: 'k', commit: 'a', date: 'd' },
  command: 'node x',
  configuration: {},
  configurationHash: 'abc',
  rounds: [3, 1, 2].map((value) => ({ metrics: { decode: { value, unit: 'ns', better: 'lower' } } })),
};

describe('a result file', () => {
  it('is read with the median of its rounds', () => {
    const result = parseResult('micro.json', JSON.stringify(report));
    expect(result.details).toEqual([undefined, undefined, undefined]);
    expect(metricRows(result.report)).toEqual([
      { name: 'decode', unit: 'ns', median: 2, lowest: 1, highest: 3 },
    ]);
  });

  it('has the median of an even number of rounds between the two in the middle, as a comparison has', () => {
    const rounds = [...report.rounds, { metrics: { decode: { value: 8, unit: 'ns', better: 'lower' } } }];
    const result = parseResult('micro.json', JSON.stringify({ ...report, rounds }));
    expect(metricRows(result.report)[0]).toMatchObject({ median: 2.5, lowest: 1, highest: 8 });
  });

  it.each([
    ['no JSON', '{', 'is no JSON'],
    ['of something else', '{"schema":"x"}', 'is no result of a benchmark'],
    ['an array', '[]', 'is no result of a benchmark'],
    [
      'without numbers',
      JSON.stringify({ ...report, rounds: [{ metrics: { a: 'b' } }] }),
      'rounds.0.metrics.a',
    ],
    [
      'of too many rounds',
      JSON.stringify({ ...report, rounds: Array(201).fill({ metrics: {} }) }),
      'more rounds',
    ],
  ])('that is %s is refused with what is wrong', (_what, text, why) => {
    expect(() => parseResult('x.json', text)).toThrow(why);
  });

  it('that is too large is not read at all', async () => {
    const file = { name: 'x.json', size: 2 ** 30, text: () => Promise.reject(new Error('read')) };
    await expect(readResult(file)).rejects.toBeInstanceOf(UnreadableResult);
  });

  it('keeps names that objects have by themselves as names', () => {
    const text = JSON.stringify(report).replaceAll('"decode"', '"__proto__"');
    expect(metricRows(parseResult('x.json', text).report).every(({ unit }) => unit === 'ns')).toBe(true);
  });
});
