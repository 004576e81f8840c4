import { expect, it } from 'vitest';

import { enrichedBatch, enrichedEvent, startMs } from '../../conformance/enriched-events.ts';
import { north, signal } from '../../conformance/event-sinks.ts';
import { createRandom } from '../../streams/random.ts';
import { createEmbeddedEventStore } from './event-store.ts';
import { createEventStore } from './event-store.fixture.ts';

it('exports in order when too much comes in an hour, a minute, a second and a moment', async () => {
  await using subject = await createEventStore(createEmbeddedEventStore);
  const random = createRandom(3);
  const spans = [30 * 86_400_000, 3_600_000, 60_000, 1_000, 1];
  for (let part = 0; part < 5; part++) {
    const events = Array.from({ length: 22_000 }, (_, i) =>
      enrichedEvent(part * 22_000 + i, { eventTime: startMs + random.below(spans[part] ?? 1) }),
    );
    await subject.store.write([enrichedBatch(events)], signal);
  }
  for (const sort of ['asc', 'desc'] as const) {
    const keys: string[] = [];
    for await (const page of subject.store.exportEvents(north, {}, sort, signal)) {
      expect(page.length).toBeLessThanOrEqual(5_000);
      keys.push(...page.map((event) => `${event.eventTime} ${event.eventId}`));
    }
    const sorted = [...new Set(keys)].sort();
    expect(keys).toHaveLength(110_000);
    expect(keys).toEqual(sort === 'asc' ? sorted : sorted.reverse());
  }
});
