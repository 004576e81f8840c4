import type { Clock } from '../../streams/clock.ts';

export const heartbeatMs = 15_000;

/** The items as they come, and null where none came for `heartbeatMs`. The next is pulled when one was taken. */
export async function* withHeartbeat<Item>(
  items: AsyncIterable<Item>,
  clock: Pick<Clock, 'sleep'>,
): AsyncGenerator<Item | null> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const result = await withinHeartbeat(next, clock);
      if (result === null) {
        yield null;
        continue;
      }
      if (result.done === true) return;
      yield result.value;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

/** null where nothing came within a heartbeat's time. */
async function withinHeartbeat<T>(next: Promise<T>, clock: Pick<Clock, 'sleep'>): Promise<T | null> {
  const over = new AbortController();
  try {
    return await Promise.race([next, clock.sleep(heartbeatMs, over.signal).then(() => null)]);
  } finally {
    over.abort();
  }
}
