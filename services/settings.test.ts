import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { readSettings, settingsTable } from './settings.ts';

describe('settings', () => {
  it('names every fault at once', () => {
    const read = () => readSettings({ OPENFRAME_PORT: 'eighty', OPENFRAME_PARTITIONS: '0' });
    expect(read).toThrow(/OPENFRAME_PORT.*OPENFRAME_PARTITIONS/s);
  });

  it('lets a flag win over the environment', () => {
    expect(readSettings({ OPENFRAME_PORT: '9' }).OPENFRAME_PORT).toBe(9);
  });

  it.each([
    'mongodb://a:1',
    'mongodb://user:p%40ss@a:1,b:2/?replicaSet=rs0&tls=true',
    'mongodb+srv://a.example',
  ])('takes %s for MongoDB', (url) => {
    expect(readSettings({ OPENFRAME_MONGODB_URL: url }).OPENFRAME_MONGODB_URL).toBe(url);
  });

  it.each(['http://a:1', 'mongodb://', 'a:1'])('takes %s for no address of MongoDB', (url) => {
    expect(() => readSettings({ OPENFRAME_MONGODB_URL: url })).toThrow(/OPENFRAME_MONGODB_URL.*commas/);
  });

  it('stands in docs/settings.md as it is in the code', async () => {
    const document = await readFile(new URL('../docs/settings.md', import.meta.url), 'utf8');
    const cells = (text: string): string[] =>
      text.split('\n').map((line) => line.replaceAll(/\s+|-{3,}/g, ' ').trim());
    expect(cells(document)).toEqual(
      expect.arrayContaining(cells(settingsTable()).filter((line) => line !== '')),
    );
  });
});
