import { expect, it } from 'vitest';

import { takeToken } from './take-token.ts';

function pageAt(hash: string) {
  const shown: string[] = [];
  const location = { hash, pathname: '/', search: '?range=5m' };
  const history = {
    replaceState: (_state: unknown, _title: string, url?: string | URL | null) =>
      void shown.push(String(url)),
  };
  return { page: { location, history }, shown };
}

it('takes the token and removes it from the address at once, keeping the view', () => {
  const { page, shown } = pageAt('#token=abc.def-_~');
  expect(takeToken(page)).toBe('abc.def-_~');
  expect(shown).toEqual(['/?range=5m']);
});

it.each(['', '#devices', '#token='])('leaves an address without a token alone: %j', (hash) => {
  const { page, shown } = pageAt(hash);
  expect(takeToken(page)).toBeNull();
  expect(shown).toEqual([]);
});
