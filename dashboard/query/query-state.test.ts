import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { asCurl, parseQuery, parseVariables, printQuery } from './query-state.ts';

it('reads back as it was printed', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string().filter((text) => text === '' || text.trim() !== ''),
      (text, variables) => {
        expect(parseQuery(printQuery({ text, variables }))).toEqual({ text, variables });
      },
    ),
  );
});

it('copies to a shell as it is, whatever the question holds', () => {
  const text = `{ events(filter: {search: "it's $(id) \`id\` \\"x\\""}) { totalCount } }`;
  const command = asCurl('http://here', text, { a: "'" }).replace(/^curl/, 'printf "%s\\n"');
  const shown = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trim().split('\n');
  expect(JSON.parse(shown.at(-1) ?? '')).toEqual({ query: text, variables: { a: "'" } });
});

it('takes one object for variables and nothing else', () => {
  expect(parseVariables(' ')).toEqual({});
  expect(parseVariables('{"a":1}')).toEqual({ a: 1 });
  for (const wrong of ['[1]', '1', '{', 'null']) expect(() => parseVariables(wrong)).toThrow(SyntaxError);
});
