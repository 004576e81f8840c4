import { expect, it } from 'vitest';

import { createManualClock } from '../streams/clock.ts';
import { applyHourly } from './retention.ts';

const [minuteMs, hourMs] = [60_000, 3_600_000];

it('applies the retention a minute after the start and every hour, also after it failed, which it tells', async () => {
  const clock = createManualClock();
  const told: string[] = [];
  let applied = 0;
  const apply = async (): Promise<void> => {
    applied++;
    if (applied === 1) throw new Error('the disk is full');
  };
  await using stack = new AsyncDisposableStack();
  stack.use(applyHourly({ clock, onFault: (message) => told.push(message) }, apply));
  await clock.advance(minuteMs - 1);
  expect(applied).toBe(0);
  await clock.advance(1);
  expect(told).toEqual([expect.stringContaining('the disk is full')]);
  await clock.advance(hourMs);
  expect(applied).toBe(2);
  expect(told).toHaveLength(1);
});

it('waits at its end for what it began, and begins nothing after that', async () => {
  const clock = createManualClock();
  const steps: string[] = [];
  const removed = Promise.withResolvers<void>();
  const hourly = applyHourly({ clock, onFault: (message) => steps.push(message) }, async () => {
    steps.push('begun');
    await removed.promise;
    steps.push('done');
  });
  await clock.advance(minuteMs);
  const closing = hourly[Symbol.asyncDispose]().then(() => steps.push('closed'));
  await clock.advance(hourMs);
  expect(steps).toEqual(['begun']);
  removed.resolve();
  await closing;
  await clock.advance(hourMs);
  expect(steps).toEqual(['begun', 'done', 'closed']);
});
