import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { root } from './run-tool.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openframe-ci-'));
  await mkdir(join(folder, '.ci'));
  await copyFile(join(root, '.ci/run'), join(folder, '.ci/run'));
});

afterEach(() => rm(folder, { recursive: true }));

interface Answer {
  readonly prints?: string;
  readonly exits?: number;
}

const green: Readonly<Record<string, Answer>> = {
  ci: {},
  test: { prints: ' Test Files  2 passed (2)\n      Tests  \\033[32m3 passed\\033[39m (3)' },
  'run check': {},
};

/** Runs `.ci/run` with an npm that answers as told, in a checkout that has the scripts. */
async function run(
  answers: Readonly<Record<string, Answer>>,
  scripts: Readonly<Record<string, string>> = {},
): Promise<{ lastLine: string | undefined; exitCode: number; output: string }> {
  const cases = Object.entries(answers).map(
    ([args, { prints = '', exits = 0 }]) => `'${args}') printf '${prints}\\n'; exit ${exits};;`,
  );
  const npm = ['#!/bin/sh', 'case "$*" in', ...cases, '*) echo "unexpected: $*"; exit 9;;', 'esac', ''];
  await writeFile(join(folder, 'npm'), npm.join('\n'));
  await chmod(join(folder, 'npm'), 0o755);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts }));
  const env = { PATH: [folder, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter) };
  return new Promise((resolve) => {
    execFile('bash', ['.ci/run'], { cwd: folder, env }, (error, stdout) => {
      const exitCode = error === null ? 0 : Number(error.code);
      resolve({ lastLine: stdout.trimEnd().split('\n').at(-1), exitCode, output: stdout });
    });
  });
}

describe.runIf(process.platform !== 'win32')('.ci/run', () => {
  it('ends with the sums of the tests and the checks', async () => {
    expect(await run(green)).toMatchObject({ lastLine: '4 passed, 0 failed', exitCode: 0 });
  });

  it('runs the engines where the script exists, and adds them', async () => {
    const engines = { prints: '      Tests  2 failed | 5 passed | 1 skipped (8)', exits: 1 };
    const ran = await run({ ...green, 'run test:engines': engines }, { 'test:engines': 'vitest' });
    expect(ran).toMatchObject({ lastLine: '9 passed, 2 failed', exitCode: 1 });
  });

  it('fails when a suite ran no tests, although the suite exits 0', async () => {
    const ran = await run({ ...green, test: { prints: 'No test files found' } });
    expect(ran).toMatchObject({ lastLine: '1 passed, 1 failed', exitCode: 1 });
  });

  it('fails when a test file could not be loaded and no test failed', async () => {
    const ran = await run({ ...green, test: { prints: ' Tests  3 passed (3)', exits: 1 } });
    expect(ran).toMatchObject({ lastLine: '4 passed, 1 failed', exitCode: 1 });
  });

  it('fails when a check fails, after all tests', async () => {
    const ran = await run({ ...green, 'run check': { prints: 'layers', exits: 2 } });
    expect(ran).toMatchObject({ lastLine: '3 passed, 1 failed', exitCode: 1 });
  });

  it('stops at once when the packages cannot be installed', async () => {
    const ran = await run({ ...green, ci: { exits: 1 } });
    expect(ran).toMatchObject({ lastLine: '0 passed, 1 failed', exitCode: 1 });
    expect(ran.output).not.toContain('tests');
  });
});
