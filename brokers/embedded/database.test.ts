import { expect, it } from 'vitest';

import { createManualClock } from '../../streams/clock.ts';
import { StorageFaults } from './database.ts';

const damage = Object.assign(new Error('database disk image is malformed'), { errcode: 11 });

it('reads damage again before it believes it, since a disk that fails to read looks the same', () => {
  const faults = new StorageFaults(createManualClock());
  const told = Array.from({ length: 10 }, () => faults.of(damage, 'STORE_UNAVAILABLE', 'Reading failed'));
  expect(told.map(({ retryable }) => retryable)).toEqual([...Array<boolean>(8).fill(true), false, false]);
  expect(told[9]).toMatchObject({
    code: 'STATE_CORRUPT',
    message: 'Reading failed: the file is damaged. Restore it from a copy.',
  });
});

it('never takes a disk that fails to read now and then for damage', async () => {
  const clock = createManualClock();
  const faults = new StorageFaults(clock);
  for (let hour = 0; hour < 20; hour++) {
    expect(faults.of(damage, 'STORE_UNAVAILABLE', 'Reading failed').retryable).toBe(true);
    await clock.advance(3_600_000);
  }
});
