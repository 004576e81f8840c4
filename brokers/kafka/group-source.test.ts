import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { sealed } from '../../conformance/batches.ts';
import { createManualClock } from '../../streams/clock.ts';
import { Assignment } from './assignment.ts';
import type { Fetched, KafkaMember } from './client.ts';
import { GroupSource } from './group-source.ts';

/** Brings batches with its first fetch and nothing after it; counts what it is asked for. */
class OneFetch implements KafkaMember {
  readonly group = 'group';
  fetches = 0;
  readonly #batches: readonly Buffer[];

  constructor(batches: readonly Buffer[]) {
    this.#batches = batches;
  }

  fetch(): Promise<readonly Fetched[]> {
    const batches = this.#batches;
    if (++this.fetches > 1) return new Promise(() => {});
    return Promise.resolve([{ topic: 'in', partition: 0, batches, nextOffset: batches.length }]);
  }

  async committed() {
    return [];
  }

  async commit(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function fetchesBehindFirst(...batches: readonly Buffer[]): Promise<number> {
  const member = new OneFetch(batches);
  const assignment = new Assignment(member, 'in', 0, 1);
  await using source = new GroupSource({
    clock: createManualClock(),
    group: 'group',
    topics: ['in'],
    member,
    assignments: () => [assignment],
    nameOf: (topic) => topic,
    nextGeneration: () => 2,
    onClose: async () => {},
  });
  const { signal } = new AbortController();
  const read = source.read({ maxRecords: 1, maxWaitMs: 1000, signal })[Symbol.asyncIterator]();
  await read.next();
  await turnOfEventLoop();
  return member.fetches;
}

it('fetches ahead behind a large batch', async () => {
  expect(await fetchesBehindFirst(sealed({ value: 'x'.repeat(300_000) }))).toBe(2);
});

it('fetches nothing ahead of its reader behind a small batch, so that more comes by one request', async () => {
  expect(await fetchesBehindFirst(sealed('a'))).toBe(1);
});

it('fetches ahead where its partition has more, so that other partitions wait for none to be read to its end', async () => {
  expect(await fetchesBehindFirst(sealed('a'), sealed('b'))).toBe(2);
});
