import { expect, it } from 'vitest';

import { createManualClock } from '../streams/clock.ts';
import { everyHour } from './retention.ts';

const hourMs = 3_600_000;

it('applies the retention every hour, and again after it failed, which it tells', async () => {
  const clock = createManualClock();
  const told: string[] = [];
  let applied = 0;
  const apply = async (): Promise<void> => {
    applied++;
    if (applied === 1) throw new Error('the disk is full');
  };
  await using stack = new AsyncDisposableStack();
  stack.use(everyHour({ clock, onFault: (message) => told.push(message) }, apply));
  await clock.advance(hourMs - 1);
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
  const hourly = everyHour({ clock, onFault: (message) => steps.push(message) }, async () => {
    steps.push('begun');
    await removed.promise;
    steps.push('done');
  });
  await clock.advance(hourMs);
  const closing = hourly[Symbol.asyncDispose]().then(() => steps.push('closed'));
  await clock.advance(hourMs);
  expect(steps).toEqual(['begun']);
  removed.resolve();
  await closing;
  await clock.advance(hourMs);
  expect(steps).toEqual(['begun', 'done', 'closed']);
});
