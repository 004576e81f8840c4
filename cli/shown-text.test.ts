import { expect, it } from 'vitest';

import { table } from './output.ts';
import { shownCell, shownText } from './shown-text.ts';

const hostile = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202Etxt.exe\u2066\u200f';

it('leaves nothing that a terminal obeys, and shows what it was', () => {
  expect(shownText(hostile)).toBe(
    String.raw`\u001b]0;owned\u0007\u001b[2J\u009b31m\u202etxt.exe\u2066\u200f`,
  );
  expect(shownText('Größe 日本 <b> 😀\n\tnext')).toBe('Größe 日本 <b> 😀\n\tnext');
});

it('keeps JSON what it is', () => {
  const value = { [hostile]: `${hostile}"\n` };
  expect(JSON.parse(shownText(JSON.stringify(value, null, 2)))).toEqual(value);
});

it('keeps a row of a table on its line', () => {
  expect(shownCell('one\ntwo\r')).toBe(String.raw`one\ntwo\u000d`);
  expect(table(['a', 'b'], [['x\ny', hostile]]).split('\n')).toHaveLength(2);
  expect(table(['a'], [[hostile]])).not.toContain('\u001b');
});
