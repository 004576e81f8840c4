import { expect, it } from 'vitest';

import { createManualClock } from '../../streams/clock.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import { type Entry, PublishLane } from './publish-lane.ts';

const lingerMs = 40;

function message(id: string): OutgoingMessage {
  const payload = Buffer.alloc(0);
  return { subject: 's', id, payload, sizeBytes: 1, heartbeatSubject: undefined, headers: {} };
}

function openLane() {
  const groups: string[][] = [];
  const clock = createManualClock();
  const store = async (group: readonly Entry[]): Promise<void> => {
    groups.push(group.map((entry) => entry.message.id ?? ''));
    for (const { publication } of group) publication.stored++;
  };
  return { groups, clock, lane: new PublishLane({ store, clock, lingerMs, maxQueuedBytes: 10_000 }) };
}

it('stores together what comes while a group waits for more', async () => {
  const { groups, clock, lane } = openLane();
  const first = lane.submit([message('a')]);
  await clock.advance(lingerMs / 2);
  const second = lane.submit([message('b'), message('c')]);
  await clock.advance(lingerMs / 2);
  expect(await Promise.all([first, second])).toEqual([
    { stored: 1, duplicates: 0 },
    { stored: 2, duplicates: 0 },
  ]);
  expect(groups).toEqual([['a', 'b', 'c']]);
});

it('keeps a full group waiting for nothing', async () => {
  const { groups, lane } = openLane();
  const full = Array.from({ length: 1000 }, (_, i) => message(`${i}`));
  expect(await lane.submit(full)).toEqual({ stored: 1000, duplicates: 0 });
  expect(groups.map((group) => group.length)).toEqual([1000]);
});
