import { expect, it } from 'vitest';

import { createRandom } from '../../streams/random.ts';
import { IdTally } from './id-tally.ts';

function uuid(random: ReturnType<typeof createRandom>): string {
  const hex = Array.from({ length: 4 }, () => random.uint32().toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

it('counts as a set of the ids in small letters does, through growth and clearing', () => {
  const random = createRandom(3);
  const tally = new IdTally();
  for (const count of [10, 30_000, 50]) {
    const ids = new Set<string>();
    const pool = Array.from({ length: count }, () => uuid(random));
    for (let i = 0; i < count * 2; i++) {
      const id = pool[random.below(count)] ?? '';
      ids.add(id);
      tally.add(Buffer.from(`"${random.below(2) === 0 ? id : id.toUpperCase()}"`), 1);
      expect(tally.size).toBe(ids.size);
    }
    tally.clear();
    expect(tally.size).toBe(0);
  }
});

it('counts nothing for what is no UUID', () => {
  const tally = new IdTally();
  const id = uuid(createRandom(1));
  for (const text of ['', 'x', id.slice(1), id.replace('-', '0'), `${id.slice(0, 35)}g`])
    tally.add(Buffer.from(text), 0);
  tally.add(Buffer.from('00000000-0000-0000-0000-000000000000'), 0);
  tally.add(Buffer.from(id), 30);
  expect(tally.size).toBe(0);
});
