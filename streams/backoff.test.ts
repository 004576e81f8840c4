import { describe, expect, it } from 'vitest';

import { Backoff } from './backoff.ts';
import { createManualClock } from './clock.ts';
import { createRandom } from './random.ts';

/** A random source that always draws the most. */
const most = { ...createRandom(1), next: () => 0.999999 };

async function pauseMs(backoff: Backoff, clock: ReturnType<typeof createManualClock>): Promise<number> {
  let over = false;
  const waiting = backoff.wait().then(() => (over = true));
  const startMs = clock.nowMs();
  while (!over) await clock.advance(1);
  await waiting;
  return clock.nowMs() - startMs;
}

describe('backoff', () => {
  it('waits up to twice as long after each failure, up to its bound, and starts anew after reset', async () => {
    const clock = createManualClock();
    const backoff = new Backoff({ initialMs: 4, maxMs: 20 }, clock, most);
    const pauses = [];
    for (let i = 0; i < 5; i++) pauses.push(await pauseMs(backoff, clock));
    expect(pauses).toEqual([4, 8, 16, 20, 20]);
    backoff.reset();
    expect(await pauseMs(backoff, clock)).toBe(4);
  });

  it('spreads waiters over the whole pause', async () => {
    const clock = createManualClock();
    const random = createRandom(7);
    const pauses = new Set<number>();
    for (let i = 0; i < 30; i++) {
      pauses.add(await pauseMs(new Backoff({ initialMs: 16, maxMs: 16 }, clock, random), clock));
    }
    expect(pauses.size).toBeGreaterThan(8);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(16);
  });

  it('ends at once when it is stopped', async () => {
    const stopping = new AbortController();
    const waiting = new Backoff({ initialMs: 1000, maxMs: 1000 }, createManualClock(), most).wait(
      stopping.signal,
    );
    stopping.abort();
    await expect(waiting).resolves.toBeUndefined();
  });
});
