import { afterEach, describe, expect, it } from 'vitest';

import type { StreamedAlert } from '../contracts/alert.ts';
import { createManualClock } from '../streams/clock.ts';
import { alertTimeMs, streamedAlert } from './alert.fixture.ts';
import { createAlertRegistry } from './alert-registry.ts';
import type { DocumentStore } from './documents.ts';
import { createEmbeddedDocuments } from './embedded/documents.ts';

const us = { tenantId: 'acme' };
const them = { tenantId: 'umbrella' };
const minuteMs = 60_000;
const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of stack.splice(0)) await one[Symbol.asyncDispose]();
});

function open(shared: boolean, mayRead: Promise<void> = Promise.resolve()) {
  const clock = createManualClock(alertTimeMs);
  const stored = createEmbeddedDocuments({ path: ':memory:' });
  stack.push(stored);
  const read: string[] = [];
  const documents: DocumentStore = {
    ...stored,
    list: async (scope, collection, options) => {
      if (collection === 'alerts' && options.afterId === '') read.push(scope.tenantId);
      await mayRead;
      return stored.list(scope, collection, options);
    },
  };
  return { clock, read, alerts: createAlertRegistry({ documents, clock, shared }) };
}

const theirs = (number: number): StreamedAlert => ({ ...streamedAlert(number), ...them });

describe("a tenant's alerts in memory", () => {
  it('are read when somebody asks for them, not when they fire', async () => {
    const { alerts, read } = open(false);
    await alerts.save([streamedAlert(1), theirs(1)]);
    expect(read).toEqual([]);
    expect((await alerts.stats(us, {})).total).toBe(1);
    await alerts.save([streamedAlert(2), theirs(2)]);
    expect((await alerts.stats(us, {})).total).toBe(2);
    expect(read).toEqual([us.tenantId]);
  });

  it('are forgotten when nobody asked for ten minutes, and told of as they are then', async () => {
    const { alerts, clock, read } = open(false);
    await alerts.save([streamedAlert(1)]);
    await alerts.get(us, 'a1');
    await clock.advance(9 * minuteMs);
    await alerts.get(us, 'a1');
    await clock.advance(9 * minuteMs);
    await alerts.save([streamedAlert(1, { count: 5 })]);
    expect(read).toHaveLength(1);
    await clock.advance(minuteMs);
    await alerts.save([streamedAlert(1, { count: 6 })]);
    expect(await alerts.get(us, 'a1')).toMatchObject({ count: 6 });
    expect(read).toHaveLength(2);
  });

  it('are read anew by a process that shares them, those of the tenant that is asked for alone', async () => {
    const { alerts, clock, read } = open(true);
    await alerts.save([streamedAlert(1), theirs(1)]);
    await alerts.get(us, 'a1');
    await alerts.get(them, 'a1');
    await clock.advance(2_000);
    await alerts.get(us, 'a1');
    expect(read).toEqual([us.tenantId, them.tenantId, us.tenantId]);
  });

  it('are read once at a time, however long it takes', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { alerts, clock, read } = open(true, promise);
    await alerts.save([streamedAlert(1)]);
    const first = alerts.get(us, 'a1');
    await clock.advance(3_000);
    const second = alerts.get(us, 'a1');
    resolve();
    expect(await second).toEqual(await first);
    expect(read).toHaveLength(1);
  });

  it('hold all of many, and what is saved while they are read', async () => {
    const { alerts } = open(false);
    const many = Array.from({ length: 1_001 }, (_, i) => streamedAlert(i + 1));
    await alerts.save(many);
    const asked = alerts.stats(us, {});
    await alerts.save([streamedAlert(7, { count: 70 }), streamedAlert(1_002)]);
    expect((await asked).total).toBeGreaterThanOrEqual(1_001);
    expect(await alerts.get(us, 'a7')).toMatchObject({ count: 70 });
    expect((await alerts.stats(us, {})).total).toBe(1_002);
  });
});
