import { afterAll, describe, it } from 'vitest';

import { runScenario } from './run-scenario.ts';
import { scenarios } from './scenarios/all.ts';
import { resultTable, type ScenarioResult } from './table.ts';

const results: ScenarioResult[] = [];

afterAll(() => {
  const seen = results.map((one) => `${one.scenario}: ${JSON.stringify(one.seen)}`);
  process.stdout.write(`\n${resultTable(results)}\n${seen.join('\n')}\n`);
});

describe('faults on the real engines, the short selection', () => {
  for (const scenario of scenarios) {
    it(
      `${scenario.name}: ${scenario.law}`,
      async () => {
        results.push({ scenario: scenario.name, ...(await runScenario(scenario, 'short')) });
      },
      scenario.timeoutMs.short,
    );
  }
});
