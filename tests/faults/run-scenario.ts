import { expect } from 'vitest';

import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { engineAddresses, engineTools } from '../engines/engine-addresses.ts';
import type { FaultReport, Scenario, Size } from './scenario.ts';

/** All scenarios run with it: what failed is run again with the same faults at the same places. */
export const seed = 20_261_125;

/** Runs a scenario, ends what it started, and checks what must hold after every fault. */
export async function runScenario(scenario: Scenario, size: Size): Promise<FaultReport> {
  await using stack = new AsyncDisposableStack();
  const report = await scenario.run({
    size,
    seed,
    random: createRandom(seed),
    clock: createSystemClock(),
    engines: engineAddresses(),
    engineTools: engineTools(),
    stack,
  });
  const { events, faults } = report;
  expect(events, 'accepted events').toBeGreaterThan(0);
  expect(faults, 'faults injected').toBeGreaterThan(0);
  expect(report, `seed ${seed}`).toMatchObject({ lost: 0, duplicated: 0, altered: 0, reordered: 0 });
  return report;
}
