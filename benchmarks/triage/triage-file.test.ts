import { gzipSync } from 'node:zlib';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { triageFile } from './triage-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'triage-'));
afterAll(() => rmSync(folder, { recursive: true }));

const header = 'time,name,ip,host,short,time_label,event_label';
const lines = [
  header,
  '1000,"a, quoted",1.1.1.1,h1,s,false_positive,-',
  '5000,late,1.1.1.1,h1,s,dirb,dirb',
  '1001,"a, quoted",1.1.1.1,h1,s,false_positive,-',
];

describe('triage of a file', () => {
  it('writes row, group and score in the order of the file, groups in the order of time', async () => {
    const file = join(folder, 'net.csv.gz');
    writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
    const result = await triageFile(file, { out: folder, labels: true });
    expect(result).toMatchObject({ alerts: 3, groups: 2, out: join(folder, 'net.csv') });
    expect(result.metrics?.event?.final).toMatchObject({ positive: 1, lost: 0, phases: 1 });
    const rows = readFileSync(result.out, 'utf8').trim().split('\n');
    expect(rows.map((row) => row.split(',').slice(0, 2).join())).toEqual(['row,group', '0,0', '1,1', '2,0']);
  });

  it('gives the same whatever the labels say, or without them', async () => {
    const scored = async (text: string): Promise<string> => {
      const file = join(folder, 'other.csv');
      const out = mkdtempSync(join(folder, 'out-'));
      writeFileSync(file, text);
      return readFileSync((await triageFile(file, { out, labels: false })).out, 'utf8');
    };
    const plain = lines.map((line) => line.replace(/,[^,]*,[^,]*$/, ''));
    expect(await scored(plain.join('\n'))).toBe(await scored(lines.join('\n')));
  });

  it('says which column or time is missing', async () => {
    const file = join(folder, 'bad.csv');
    writeFileSync(file, 'time,name\n1,x\n');
    const options = { out: folder, labels: false };
    await expect(triageFile(file, options)).rejects.toThrow(/no column 'host'/);
    writeFileSync(file, 'time,name,host\nnoon,x,h\n');
    await expect(triageFile(file, options)).rejects.toThrow(/Row 0 .* 'noon'/);
  });
});
