import { expect, it } from 'vitest';

import { createManualClock } from '../streams/clock.ts';
import { startRounds } from './rounds.ts';

it('goes on after a round that failed, and tells of the same reason once until a round succeeds', async () => {
  const clock = createManualClock();
  const reasons = ['away', 'away', 'full', null, 'full'];
  const told: string[] = [];
  let rounds = 0;
  const running = startRounds({ clock, everyMs: 1_000, onFault: (reason) => told.push(reason) }, () => {
    const reason = reasons[rounds++] ?? null;
    return reason === null ? Promise.resolve() : Promise.reject(new Error(reason));
  });
  await clock.advance(4_000);
  expect([rounds, told]).toEqual([5, ['away', 'full', 'full']]);
  await running[Symbol.asyncDispose]();
  await clock.advance(10_000);
  expect(rounds).toBe(5);
});

it('waits for the round in hand when it is disposed of, and tells nothing of what that ended', async () => {
  const ended = Promise.withResolvers<never>();
  const told: string[] = [];
  const order: string[] = [];
  const options = {
    clock: createManualClock(),
    everyMs: 1_000,
    onFault: (reason: string) => told.push(reason),
  };
  const running = startRounds(options, (stopping) => {
    stopping.addEventListener('abort', () => order.push('asked to stop'));
    return ended.promise.finally(() => order.push('round over'));
  });
  const disposed = running[Symbol.asyncDispose]().then(() => order.push('disposed'));
  ended.reject(new Error('closed'));
  await disposed;
  expect([order, told]).toEqual([['asked to stop', 'round over', 'disposed'], []]);
});
