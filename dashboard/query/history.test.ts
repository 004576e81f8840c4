import { expect, it } from 'vitest';

import { readHistory, remember } from './history.ts';

function storage(text: string | null = null) {
  let held = text;
  return { getItem: () => held, setItem: (_key: string, value: string) => (held = value) };
}

it('has each question once, newest first, at most thirty', () => {
  const kept = storage();
  for (let i = 0; i < 40; i++) remember(kept, { text: `{ a${i % 35} }`, variables: '' });
  const history = readHistory(kept);
  expect(history).toHaveLength(30);
  expect(history[0]).toEqual({ text: '{ a4 }', variables: '' });
  expect(new Set(history.map(({ text }) => text)).size).toBe(30);
});

it('is empty where what was stored is not ours', () => {
  for (const text of [null, '', '{}', '[1,{"text":1}]']) expect(readHistory(storage(text))).toEqual([]);
});
