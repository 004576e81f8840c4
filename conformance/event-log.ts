import { expect } from 'vitest';

import { toStoredEvent } from '../contracts/enriched.ts';
import { createRandom } from '../streams/random.ts';
import type { EventLog } from '../sinks/event-log.ts';
import { backfillLaws } from './backfill.ts';
import { completionLaws, device, toolEvent } from './completion.ts';
import { enrichedBatch, enrichedEvent, eventIdOf } from './enriched-events.ts';
import { type EventSinkSubject, eventSinkLaws, type FindEvent, north, signal, south } from './event-sinks.ts';
import { type Deviations, describeLaws, type Laws } from './laws.ts';
import { questionEvents } from './questions.ts';

const ownLaws: Laws<EventSinkSubject<EventLog>> = {
  'gives an event whole, with its data, to its tenant alone': async ({ store }) => {
    const data = { message: 'ä"\\\u2028😀', nested: [1.5, null, { deep: [true, ''] }], '': 0 };
    await store.write([enrichedBatch([enrichedEvent(1, { data }), enrichedEvent(2)])], signal);
    expect((await store.event(north, eventIdOf(1)))?.data).toEqual(data);
    expect((await store.event(north, eventIdOf(2)))?.data).toBeNull();
    expect(await store.event(north, eventIdOf(3))).toBeNull();
    expect(await store.event(south, eventIdOf(1))).toBeNull();
  },
  'gives data back as it came, whatever it is': async ({ store }) => {
    const hostile = [
      '\u0000',
      '\ud800',
      { '\udfff': '\ud800' },
      "'; DROP TABLE events; --",
      [],
      false,
      0,
      '',
      '{"a":1}',
    ];
    const events = hostile.map((data, i) => enrichedEvent(i, { data, sourceType: 'openframe.metrics' }));
    expect(await store.write([enrichedBatch(events)], signal)).toEqual([]);
    for (const [i, data] of hostile.entries()) {
      expect((await store.event(north, eventIdOf(i)))?.data).toEqual(data);
    }
  },
  'gives each of several hundred generated events to its tenant alone': async ({ store }) => {
    const random = createRandom(35);
    const events = questionEvents(random, 400);
    await store.write([enrichedBatch(events)], signal);
    for (const event of events) {
      const [owner, other] = event.tenantId === 'north' ? [north, south] : [south, north];
      expect(await store.event(owner, event.eventId)).toEqual(toStoredEvent(event));
      expect(await store.event(other, event.eventId)).toBeNull();
    }
  },
  'gives the data of a completed event as it came with its device': async ({ store }) => {
    const data = { device: { agentId: '17' }, deviceJoin: 'back-filled', row: { id: 1, text: '\ud800"\\' } };
    await store.write([enrichedBatch([toolEvent(1)])], signal);
    await store.write([enrichedBatch([toolEvent(1, { ...device, data })], { completes: true })], signal);
    expect((await store.event(north, eventIdOf(1)))?.data).toEqual(data);
  },
  'knows no event by what is not an id': async ({ store }) => {
    await store.write([enrichedBatch([enrichedEvent(1)])], signal);
    for (const id of ['', '%', "' OR 1=1 --", eventIdOf(1).slice(1), `${eventIdOf(1)}'`]) {
      expect(await store.event(north, id)).toBeNull();
    }
  },
};

const find: FindEvent<EventLog> = (store, scope, id) => store.event(scope, id);
const laws = { ...eventSinkLaws(find), ...backfillLaws(find), ...completionLaws(find), ...ownLaws };

/** The event log's conformance suite: `create` gives fresh storage for each law. */
export function describeEventLog(
  name: string,
  options: {
    readonly create: () => Promise<EventSinkSubject<EventLog>>;
    readonly deviations?: Deviations;
  },
): void {
  describeLaws(`event log on ${name}`, laws, options);
}
