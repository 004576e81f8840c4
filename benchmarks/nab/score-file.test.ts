import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createMetricAnomaly } from '../../alerting/detectors/metric/metric-anomaly.ts';
import { readLabels, windowRows, windowsOf } from './labels.ts';
import { scoreFile } from './score-file.ts';
import { parseTimestamp } from './timestamp.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openframe-detect-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const score = async (text: string): Promise<string[]> => {
  const output = join(folder, 'out.csv');
  await scoreFile(createMetricAnomaly(), file('in.csv', text), output, { keep: false });
  return readFileSync(output, 'utf8').trimEnd().split('\n');
};
const minutes = (count: number, value: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${new Date(i * 60_000).toISOString()},${value(i)}`).join('\n');

it('gives one row for each row, as it was, with a score', async () => {
  const input = minutes(300, (i) => (i === 290 ? '900' : i % 50 === 0 ? 'NaN' : String(i % 7)));
  const rows = await score(`timestamp,value\n${input}\n`);
  expect(rows[0]).toBe('timestamp,value,anomaly_score');
  expect(rows.slice(1).map((row) => row.split(',').slice(0, 2).join(','))).toEqual(input.split('\n'));
  const scores = rows.slice(1).map((row) => Number(row.split(',')[2]));
  expect(scores.every((s) => s >= 0 && s <= 1)).toBe(true);
  expect(scores.indexOf(Math.max(...scores))).toBe(290);
});

it.each([
  [
    'timestamp,value\n2014-01-01 00:00:00,1\nyesterday,2\n',
    "in.csv, line 3: timestamp: 'yesterday' is no time",
  ],
  ['timestamp,value\n2014-01-01 00:00:00,much\n', "in.csv, line 2: value: 'much' is no number"],
  ['time,value\n2014-01-01 00:00:00,1\n', "in.csv, line 1: there is no column 'timestamp'"],
  ['timestamp,value\n2014-01-01 00:00:00,1\n2014,1,1\n', 'in.csv, line 3: '],
  ['', 'in.csv, line 1: there are no rows under the header'],
])(
  'names file, line and field of what it cannot read, and leaves nothing behind: %j',
  async (text, message) => {
    await expect(score(text)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual(['in.csv']);
  },
);

it.each([
  ['2014-04-10 07:15:00.000000', Date.UTC(2014, 3, 10, 7, 15)],
  ['2014-04-10 07:15', Date.UTC(2014, 3, 10, 7, 15)],
  ['2014-04-10T07:15:00+02:00', Date.UTC(2014, 3, 10, 5, 15)],
  ['1397114100', 1397114100000],
  ['1397114100000', 1397114100000],
  ['2014-13-10 07:15:00', null],
  ['tomorrow', null],
])('reads %s as a time', (text, timeMs) => {
  expect(parseTimestamp(text)).toBe(timeMs);
});

it('finds the labelled windows of a file by group and name, and their rows', async () => {
  const path = file(
    'labels.json',
    JSON.stringify({
      'a/x.csv': [['1970-01-01 00:01:00.000000', '1970-01-01 00:02:00.000000']],
      'b/x.csv': [],
    }),
  );
  const labels = await readLabels(path);
  expect(windowRows('x.csv', windowsOf(labels, '/data/a/x.csv'), [0, 60_000, 120_000])).toEqual([[1, 2]]);
  expect(() => windowsOf(labels, '/data/c/x.csv')).toThrow('several entries of that name');
  expect(() => windowsOf(labels, '/data/y.csv')).toThrow('no entry');
  expect(() => windowRows('x.csv', windowsOf(labels, '/data/a/x.csv'), [0, 60_000])).toThrow('at no row');
});

it('says why labels cannot be used', async () => {
  await expect(readLabels(file('labels.json', '{"a.csv": [["1970-01-01"]]}'))).rejects.toThrow(
    'labels.json cannot be used',
  );
});
