import { expect } from 'vitest';

import type { EnrichedEvent } from '../contracts/enriched.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { Analytics, EventFilter } from '../sinks/analytics.ts';
import { enrichedBatch, enrichedEvent, eventIdOf } from './enriched-events.ts';
import {
  type EventSink,
  type EventSinkSubject,
  type FindEvent,
  north,
  signal,
  south,
  storedIds,
} from './event-sinks.ts';
import type { Laws } from './laws.ts';

/** An event of a tool, which names no device of ours unless it is given. */
export function toolEvent(number: number, given: Partial<EnrichedEvent> = {}): EnrichedEvent {
  return enrichedEvent(number, {
    source: '/tools/fleet-mdm/fleet/activities',
    toolType: 'FLEET_MDM',
    sourceType: 'mdm_enrolled',
    data: { deviceJoin: 'missing', row: { id: number } },
    ...given,
  });
}

export const device = {
  deviceId: 'device-1',
  hostname: 'host-1',
  organizationId: 'org-1',
  organizationName: 'Org 1',
} as const;

/** What analytics finds and counts by a device that an event got later. */
export const completedCountLaws: Laws<EventSinkSubject<Analytics>> = {
  'finds and counts events by the device, the organization and the words that they got later': async ({
    store,
  }) => {
    const { deviceId, ...names } = device;
    const agents = [enrichedEvent(1, device), enrichedEvent(2, { ...device, deviceId: 'device-2' })];
    await store.write([enrichedBatch([...agents, toolEvent(3), toolEvent(4), toolEvent(5)])], signal);
    await store.write([enrichedBatch([toolEvent(3, device)], { completes: true })], signal);
    await store.write([enrichedBatch([toolEvent(4, { deviceId })], { completes: true })], signal);
    await store.write(
      [enrichedBatch([enrichedEvent(6, { deviceId, ...names })], { backfill: true })],
      signal,
    );
    const found = async (filter: EventFilter): Promise<string[]> =>
      (await store.events(north, { filter, sort: 'asc', limit: 10 })).map((event) => event.eventId);
    const of = (...numbers: number[]): string[] => numbers.map(eventIdOf);
    expect(await found({ deviceId })).toEqual(of(1, 3, 4, 6));
    expect(await found({ deviceId, toolTypes: ['FLEET_MDM'] })).toEqual(of(3, 4));
    expect(await found({ withoutDevice: true })).toEqual(of(5));
    expect(await found({ organizationIds: ['org-1'] })).toEqual(of(1, 2, 3, 4, 6));
    expect(await found({ search: 'host-1' })).toEqual(of(1, 2, 3, 4, 6));
    expect(await found({ search: 'org', toolTypes: ['FLEET_MDM'] })).toEqual(of(3, 4));
    const facets = await store.facets(north, {}, 10);
    expect(facets.deviceId).toEqual([
      { value: deviceId, label: 'host-1', count: 4 },
      { value: 'device-2', label: 'host-1', count: 1 },
    ]);
    expect(facets.organizationId).toEqual([{ value: 'org-1', label: 'Org 1', count: 5 }]);
    const request = { filter: { deviceId }, bucketMs: 3_600_000, groupBy: 'deviceId', top: 5 } as const;
    const { total, buckets } = await store.stats(north, request);
    expect([total, buckets[0]?.groups]).toEqual([4, [{ key: deviceId, count: 4 }]]);
  },
};

/** What an event that was stored without its device gets when it comes again with it. */
export function completionLaws<Store extends EventSink>(
  find: FindEvent<Store>,
): Laws<EventSinkSubject<Store>> {
  const shown = async (store: Store, number: number, scope: TenantScope = north): Promise<unknown[]> => {
    const event = await find(store, scope, eventIdOf(number));
    return [event?.deviceId, event?.hostname, event?.organizationId, event?.organizationName];
  };
  const nothing = [null, null, null, null];
  const whole = Object.values(device);
  return {
    'completes the row of an event that comes again with its device, of its tenant alone': async (
      subject,
    ) => {
      const { store } = subject;
      const inSouth = toolEvent(1, { tenantId: 'south' });
      await store.write([enrichedBatch([toolEvent(1), toolEvent(2), inSouth])], signal);
      await store.write([enrichedBatch([toolEvent(1, device)], { completes: true })], signal);
      const check = async (opened: Store): Promise<void> => {
        expect(await shown(opened, 1)).toEqual(whole);
        expect(await shown(opened, 2)).toEqual(nothing);
        expect(await shown(opened, 1, south)).toEqual(nothing);
        expect(await storedIds(opened)).toHaveLength(3);
      };
      await check(store);
      await check(await subject.reopen());
    },
    'completes a row in the write that brings both, and again when that is repeated': async ({ store }) => {
      const both = [
        enrichedBatch([toolEvent(1)]),
        enrichedBatch([toolEvent(1, device)], { completes: true }),
      ];
      await store.write(both, signal);
      expect(await shown(store, 1)).toEqual(whole);
      await store.write(both, signal);
      expect(await shown(store, 1)).toEqual(whole);
      expect(await storedIds(store)).toHaveLength(1);
    },
    'completes nothing where the header is missing': async ({ store }) => {
      await store.write([enrichedBatch([toolEvent(1)])], signal);
      await store.write([enrichedBatch([toolEvent(1, device)])], signal);
      expect(await shown(store, 1)).toEqual(nothing);
    },
    'completes in two steps what becomes known in two': async ({ store }) => {
      await store.write([enrichedBatch([toolEvent(1)])], signal);
      await store.write([enrichedBatch([toolEvent(1)], { completes: true })], signal);
      expect(await shown(store, 1)).toEqual(nothing);
      const { deviceId } = device;
      await store.write([enrichedBatch([toolEvent(1, { deviceId })], { completes: true })], signal);
      expect(await shown(store, 1)).toEqual([deviceId, null, null, null]);
    },
    'stores an event that comes with its device before it came without': async ({ store }) => {
      await store.write([enrichedBatch([toolEvent(1, device)], { completes: true })], signal);
      await store.write([enrichedBatch([toolEvent(1)])], signal);
      expect(await shown(store, 1)).toEqual(whole);
      expect(await storedIds(store)).toHaveLength(1);
    },
    'gives a completed event the names by which its device becomes known later': async ({ store }) => {
      const { deviceId, ...names } = device;
      await store.write([enrichedBatch([toolEvent(1)])], signal);
      await store.write([enrichedBatch([toolEvent(1, { deviceId })], { completes: true })], signal);
      const news = enrichedEvent(9, { deviceId, ...names });
      await store.write([enrichedBatch([news], { backfill: true })], signal);
      expect(await shown(store, 1)).toEqual(whole);
    },
  };
}
