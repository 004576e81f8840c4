import { describe, it } from 'vitest';

import { expectNoViolation } from '../../streams/simulation/replay-seed.ts';

const chunk = 250;
const chunks = Array.from({ length: 10 }, (_, i) => 1 + i * chunk);

describe('topology, state, commit and recovery', () => {
  it.each(chunks)(
    'lose nothing, double nothing and keep order in the 250 worlds from seed %i on',
    async (from) => {
      for (let seed = from; seed < from + chunk; seed++) {
        await expectNoViolation(seed, {}, 'streams/simulation/replay.ts');
      }
    },
    120_000,
  );
});
