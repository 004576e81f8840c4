import { expect, it } from 'vitest';

import { topics } from '../contracts/topics.ts';
import { topicDeclarations } from './topic-declarations.ts';

it('lets a topic of fewer than four partitions keep as much as one of four', () => {
  const keptBytes = (partitions: number): number => {
    const raw = topicDeclarations(partitions).find(({ name }) => name === topics.raw);
    return (raw?.retentionBytes ?? 0) * partitions;
  };
  expect([1, 2, 4].map(keptBytes)).toEqual(Array.from({ length: 3 }, () => 4 * 2 ** 30));
  expect(keptBytes(3)).toBeGreaterThanOrEqual(4 * 2 ** 30);
  expect(keptBytes(8)).toBe(8 * 2 ** 30);
});
