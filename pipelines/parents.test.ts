import { describe, expect, it } from 'vitest';

import type { ParentBook } from '../alerting/parent-book.ts';
import { noWindows } from '../alerting/window-book.ts';
import { AlertPipeline, alive, kept, Rules, silent } from './alert-pipeline.fixture.ts';

const secondMs = 1_000;
const rule = {
  ...silent,
  detect: { ...silent.detect, everyMs: 10_000, lateMs: 10_000, noDataMs: 40_000 },
} as const;

function book(parents: Readonly<Record<string, readonly string[]>>): ParentBook {
  const byParent = new Map(
    Object.entries(parents).map(([parentId, deviceIds]) => [
      parentId,
      { ...kept, parentId, deviceIds: [...deviceIds] },
    ]),
  );
  return {
    current: () => Promise.resolve({ of: (tenantId) => (tenantId === 'acme' ? byParent : new Map()) }),
  };
}

/** Devices that were heard last at these seconds; then nobody is but one that is always there. */
async function silence(parents: ParentBook, lastHeard: Readonly<Record<string, number>>, seconds: number) {
  const pipeline = new AlertPipeline(new Rules(rule), noWindows, parents);
  for (let second = 0; second < seconds; second += 2) {
    const there = Object.keys(lastHeard).filter((id) => second <= (lastHeard[id] ?? 0));
    const told = [...there, 'other'].map((deviceId) =>
      alive(second * secondMs, { deviceId, ...(deviceId === 'other' ? {} : { organizationId: 'bakery' }) }),
    );
    await pipeline.tell(told);
  }
  return pipeline;
}

const vms = book({ host: ['vm-1', 'vm-2'], gateway: ['host'] });

describe('a device with a declared parent', () => {
  it.each([
    ['before', { host: 10, 'vm-1': 14, 'vm-2': 16 }],
    ['after', { host: 16, 'vm-1': 10, 'vm-2': 12 }],
  ])('is under it when both are silent, the parent falling silent %s it', async (_, lastHeard) => {
    await using pipeline = await silence(vms, lastHeard, 90);
    const [parent, ...others] = pipeline.latest().filter(({ hidden }) => !hidden);
    expect(others, 'one is shown').toEqual([]);
    expect(parent).toMatchObject({ deviceId: 'host', state: 'NO_DATA', hosts: 1 });
    const children = pipeline.latest().filter(({ hidden }) => hidden);
    expect(children).toMatchObject([
      { hosts: 2, suppressions: [{ by: 'parent', parentAlertId: parent?.alertId }] },
    ]);
    expect(children[0]?.incident?.incidentId).toBe(parent?.incident?.incidentId);
  });

  it('is shown when it alone is silent, and when its parent came back without it', async () => {
    await using alone = await silence(vms, { host: 200, 'vm-1': 10 }, 90);
    expect(alone.latest()).toMatchObject([{ deviceId: 'vm-1', hidden: false }]);
    await using pipeline = await silence(vms, { host: 10, 'vm-1': 10 }, 80);
    for (let second = 80; second < 110; second += 2)
      await pipeline.tell([
        alive(second * secondMs, { deviceId: 'host', organizationId: 'bakery' }),
        alive(second * secondMs, { deviceId: 'other' }),
      ]);
    expect(pipeline.latest().map(({ deviceId, state, hidden }) => [deviceId, state, hidden])).toEqual([
      ['host', 'OK', false],
      ['vm-1', 'NO_DATA', false],
    ]);
  });

  it('is under what is above its parent where that alone says nothing', async () => {
    await using pipeline = await silence(vms, { gateway: 10, 'vm-1': 12 }, 90);
    expect(pipeline.latest().map(({ deviceId, hidden }) => [deviceId, hidden])).toEqual([
      ['gateway', false],
      ['vm-1', true],
    ]);
  });
});
