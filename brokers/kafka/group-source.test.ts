import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { expect, it } from 'vitest';

import { sealed } from '../../conformance/batches.ts';
import { createManualClock } from '../../streams/clock.ts';
import { Assignment } from './assignment.ts';
import type { Fetched, KafkaMember } from './client.ts';
import { GroupSource } from './group-source.ts';

/** Brings one batch with its first fetch and nothing after it; counts what it is asked for. */
class OneBatch implements KafkaMember {
  readonly group = 'group';
  fetches = 0;
  readonly #batch: Buffer;

  constructor(batch: Buffer) {
    this.#batch = batch;
  }

  fetch(): Promise<readonly Fetched[]> {
    const batches = [this.#batch];
    if (++this.fetches > 1) return new Promise(() => {});
    return Promise.resolve([{ topic: 'in', partition: 0, batches, nextOffset: 1 }]);
  }

  async committed() {
    return [];
  }

  async commit(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function fetchesBehind(batch: Buffer): Promise<number> {
  const member = new OneBatch(batch);
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
  const batches = source.read({ maxRecords: 1, maxWaitMs: 1000, signal })[Symbol.asyncIterator]();
  await batches.next();
  await turnOfEventLoop();
  return member.fetches;
}

it('fetches ahead behind a large batch', async () => {
  expect(await fetchesBehind(sealed({ value: 'x'.repeat(300_000) }))).toBe(2);
});

it('fetches nothing ahead of its reader behind a small batch, so that more comes by one request', async () => {
  expect(await fetchesBehind(sealed('a'))).toBe(1);
});
