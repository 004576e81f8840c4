import { ESLint } from 'eslint';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { knownBad, root } from './run-tool.ts';

const cwd = join(knownBad, 'lint');
// `ignore: false`: the configuration itself leaves known-bad code out.
const eslint = new ESLint({ cwd, overrideConfigFile: join(root, 'eslint.config.js'), ignore: false });

let found: Map<string, string[]>;

beforeAll(async () => {
  const results = await eslint.lintFiles(['**/*.{ts,tsx}']);
  found = new Map(results.map(({ filePath, messages }) => [filePath, errorsOf(messages)]));
}, 180_000);

/** The rules at error that the messages name, in alphabetical order. */
function errorsOf(
  messages: readonly { ruleId: string | null; severity: number; message: string }[],
): string[] {
  const errors = messages.filter(({ severity }) => severity === 2);
  return [...new Set(errors.map(({ ruleId, message }) => ruleId ?? message))].sort();
}

async function errorsOfText(lines: readonly string[]): Promise<string[]> {
  const filePath = join(cwd, 'streams/date-now.ts');
  const results = await eslint.lintText(`${lines.join('\n')}\n`, { filePath });
  return results.flatMap(({ messages }) => errorsOf(messages));
}

const constants = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `export const n${i} = ${i};`);
const body = (count: number): string[] => [
  'export function long(run: (step: number) => void): void {',
  ...Array.from({ length: count - 2 }, (_, i) => `  run(${i});`),
  '}',
];

describe('lint', () => {
  it.each([
    ['a floating promise', 'streams/floating-promise.ts', '@typescript-eslint/no-floating-promises'],
    ['a promise thrown away by void', 'streams/voided-promise.ts', '@typescript-eslint/no-floating-promises'],
    [
      'a promise where none is awaited',
      'streams/misused-promise.ts',
      '@typescript-eslint/no-misused-promises',
    ],
    ['an explicit any', 'streams/explicit-any.ts', '@typescript-eslint/no-explicit-any'],
    ['a field read from any', 'streams/unsafe-any.ts', '@typescript-eslint/no-unsafe-member-access'],
    ['a cast through unknown', 'streams/double-cast.ts', 'no-restricted-syntax'],
    [
      'a type imported as a value',
      'streams/value-import-of-type.ts',
      '@typescript-eslint/consistent-type-imports',
    ],
    ['an unused variable', 'streams/unused.ts', '@typescript-eslint/no-unused-vars'],
    ['a silenced type error', 'streams/ignored-type.ts', '@typescript-eslint/ban-ts-comment'],
    ['process.env outside services/', 'pipelines/environment.ts', 'no-restricted-properties'],
    ['env imported outside services/', 'pipelines/environment-import.ts', 'no-restricted-imports'],
    ['Date.now() below the composition root', 'streams/date-now.ts', 'no-restricted-properties'],
    ['new Date() below the composition root', 'streams/new-date.ts', 'no-restricted-syntax'],
    [
      'performance.now() below the composition root',
      'streams/performance-now.ts',
      'no-restricted-properties',
    ],
    ['Math.random() below the composition root', 'streams/math-random.ts', 'no-restricted-properties'],
    ['a default export', 'streams/default-export.ts', 'no-restricted-syntax'],
    ['a barrel', 'streams/barrel.ts', 'no-restricted-syntax'],
    ['an enum', 'streams/numbered.ts', 'no-restricted-syntax'],
    ['a builtin without node:', 'streams/bare-builtin.ts', 'no-restricted-imports'],
    ['the console below the composition root', 'streams/console.ts', 'no-console'],
    ['a test that runs alone', 'streams/only.test.ts', 'no-restricted-syntax'],
    ['a skipped test', 'streams/skip.test.ts', 'no-restricted-syntax'],
    ['a test to do', 'streams/todo.test.ts', 'no-restricted-syntax'],
    ['raw markup in React', 'dashboard/markup.tsx', 'no-restricted-syntax'],
    ['raw markup in the DOM', 'dashboard/inner-html.ts', 'no-restricted-syntax'],
  ])('refuses %s', (_fault, file, rule) => {
    expect(found.get(join(cwd, file))).toContain(rule);
  });

  it.each([
    ['services their settings and the machine clock', 'services/settings.ts'],
    ['the command line its console', 'cli/print.ts'],
  ])('allows %s', (_use, file) => {
    expect(found.get(join(cwd, file))).toEqual([]);
  });

  it('allows 300 lines in a file and refuses 301', async () => {
    expect(await errorsOfText(constants(300))).toEqual([]);
    expect(await errorsOfText(constants(301))).toEqual(['max-lines']);
  });

  it('allows 60 lines in a function and refuses 61', async () => {
    expect(await errorsOfText(body(60))).toEqual([]);
    expect(await errorsOfText(body(61))).toEqual(['max-lines-per-function']);
  });
});
