import { expect } from 'vitest';

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

/** What a device that became known late gives to its earlier events. */
export function backfillLaws<Store extends EventSink>(find: FindEvent<Store>): Laws<EventSinkSubject<Store>> {
  const known = { hostname: 'host-1', organizationId: 'org-1', organizationName: 'Org 1' };
  const device = { deviceId: 'device-1' };
  return {
    'completes the earlier rows of a device that became known, of its tenant alone': async ({ store }) => {
      const earlier = [
        enrichedEvent(1, device),
        enrichedEvent(2, { deviceId: 'device-2' }),
        enrichedEvent(3, { ...device, tenantId: 'south' }),
        enrichedEvent(4, { ...device, hostname: 'own', organizationId: 'own', organizationName: 'Own' }),
        enrichedEvent(5),
        enrichedEvent(6, { ...device, hostname: 'own' }),
      ];
      await store.write([enrichedBatch(earlier)], signal);
      const news = enrichedEvent(10, { ...device, ...known });
      await store.write(
        [enrichedBatch([enrichedEvent(9, device)]), enrichedBatch([news], { backfill: true })],
        signal,
      );
      const shown = async (number: number, scope = north): Promise<unknown[]> => {
        const event = await find(store, scope, eventIdOf(number));
        return [event?.hostname, event?.organizationId, event?.organizationName];
      };
      expect(await shown(1)).toEqual(['host-1', 'org-1', 'Org 1']);
      expect(await shown(2)).toEqual([null, null, null]);
      expect(await shown(3, south)).toEqual([null, null, null]);
      expect(await shown(4)).toEqual(['own', 'own', 'Own']);
      expect(await shown(5)).toEqual([null, null, null]);
      expect(await shown(6)).toEqual(['own', 'org-1', 'Org 1']);
      expect(await shown(9)).toEqual(['host-1', 'org-1', 'Org 1']);
    },
    'completes nothing for a device event without the header': async ({ store }) => {
      await store.write([enrichedBatch([enrichedEvent(1, device)])], signal);
      await store.write(
        [enrichedBatch([enrichedEvent(2, { ...device, ...known, summary: 'backfill' })])],
        signal,
      );
      expect((await find(store, north, eventIdOf(1)))?.hostname).toBeNull();
    },
    'completes again when the device event comes again': async ({ store }) => {
      const news = enrichedBatch([enrichedEvent(10, { ...device, ...known })], { backfill: true });
      await store.write([news], signal);
      await store.write([enrichedBatch([enrichedEvent(1, device)])], signal);
      await store.write([news], signal);
      expect((await find(store, north, eventIdOf(1)))?.hostname).toBe('host-1');
      expect(await storedIds(store)).toHaveLength(2);
    },
  };
}
