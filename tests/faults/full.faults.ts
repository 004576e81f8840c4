import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, inject, it } from 'vitest';

import { runScenario, seed } from './run-scenario.ts';
import { scenarios } from './scenarios/all.ts';
import { resultTable, type ScenarioResult } from './table.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Names of scenarios; empty: all. */
    faultsOnly: string[];
  }
}

const folder = 'benchmarks/results/faults';
const results: ScenarioResult[] = [];
const only = inject('faultsOnly');
const chosen = scenarios.filter(({ name }) => only.length === 0 || only.includes(name));

/** The raw results, with what they were measured on; the table for people. */
afterAll(async () => {
  const startedAt = new Date().toISOString();
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const report = {
    command: 'npm run test:faults',
    at: startedAt,
    commit: git('rev-parse', 'HEAD'),
    seed,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
    },
    results,
  };
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${startedAt.replaceAll(':', '-').slice(0, 19)}.json`);
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`\n${resultTable(results)}\n\nRaw results: ${path}\n`);
});

describe('faults on the real engines, at full size', () => {
  for (const scenario of chosen) {
    it(
      `${scenario.name}: ${scenario.law}`,
      async () => {
        results.push({ scenario: scenario.name, ...(await runScenario(scenario, 'full')) });
      },
      scenario.timeoutMs.full,
    );
  }
});
