import { describe, expect, it } from 'vitest';

import { mutations } from './mutations.ts';
import { expectNoViolation } from './replay-seed.ts';
import { simulate } from './simulate.ts';

/** The rarest needs a partition to move while its commit is under way. */
const seedsToFind = 1500;

describe('simulation', () => {
  it('has the same history for the same seed', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const first = await simulate(seed);
      const again = await simulate(seed);
      expect(again).toEqual(first);
    }
  });

  it('has another history for another seed', async () => {
    const hashes = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) hashes.add((await simulate(seed)).traceHash);
    expect(hashes.size).toBe(30);
  });

  it('crashes processes, moves partitions and fails requests in most worlds', async () => {
    let [crashed, moved, failed] = [0, 0, 0];
    for (let seed = 1; seed <= 50; seed++) {
      let faults = 0;
      const trace = (line: string): void => void (/refused|lost answer|comes again/.test(line) && faults++);
      const { crashes, moves } = await simulate(seed, { trace });
      if (crashes > 0) crashed++;
      if (moves > 0) moved++;
      if (faults > 3) failed++;
    }
    expect(Math.min(crashed, moved, failed)).toBeGreaterThan(25);
  });

  it('says which seed failed and how to see it again', async () => {
    const mutate = mutations['state before outputs'];
    if (mutate === undefined) throw new Error('no such mutation');
    const all = Array.from({ length: 20 }, (_, i) => expectNoViolation(i + 1, { mutate }, 'replay.ts'));
    await expect(Promise.all(all)).rejects.toThrow(/^Seed \d+: .*See it happen: node replay.ts \d+$/);
  });

  it.each(Object.entries(mutations))(
    'finds out: %s',
    async (_name, mutate) => {
      for (let seed = 1; seed <= seedsToFind; seed++) {
        if ((await simulate(seed, { mutate })).violations.length > 0) return;
      }
      expect.fail(`${seedsToFind} seeds did not notice`);
    },
    240_000,
  );
});
