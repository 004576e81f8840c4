import { describe, it } from 'vitest';

import { expectNoViolation } from '../../streams/simulation/replay-seed.ts';
import { dedupeInTheStory } from './with-dedupe.ts';

const chunk = 250;
const chunks = Array.from({ length: 10 }, (_, i) => 5001 + i * chunk);

describe('topology, state, commit and recovery with the dedupe of the platform', () => {
  it.each(chunks)(
    'lose nothing, double nothing and keep order in the 250 worlds from seed %i on',
    async (from) => {
      for (let seed = from; seed < from + chunk; seed++) {
        await expectNoViolation(seed, { dedupe: dedupeInTheStory }, 'tests/simulation/replay.ts');
      }
    },
    120_000,
  );
});
