import { expect, it } from 'vitest';

import { createSystemClock } from '../../streams/clock.ts';
import { ChangeWatch } from './change-watch.ts';

it('lets those who wait meet the fault of a file that cannot be asked', async () => {
  const fails = (): never => {
    throw new Error('The disk does not answer.');
  };
  const watch = new ChangeWatch({ clock: createSystemClock(), poll: fails, pollMs: 1, idlePollMs: 1 });
  const { signal } = new AbortController();
  await watch.wait(60_000, signal);
  await expect(watch.waitFor(fails, 60_000, signal)).rejects.toThrow('does not answer');
  watch.close();
});
