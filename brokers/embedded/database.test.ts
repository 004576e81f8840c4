import { expect, it } from 'vitest';

import { StorageFaults } from './database.ts';

const damage = Object.assign(new Error('database disk image is malformed'), { errcode: 11 });

it('reads damage again before it believes it, since a disk that fails to read looks the same', () => {
  const faults = new StorageFaults();
  const told = Array.from({ length: 10 }, () => faults.of(damage, 'STORE_UNAVAILABLE', 'Reading failed'));
  expect(told.map(({ retryable }) => retryable)).toEqual([...Array<boolean>(8).fill(true), false, false]);
  expect(told[9]).toMatchObject({
    code: 'STATE_CORRUPT',
    message: 'Reading failed: the file is damaged. Restore it from a copy.',
  });
});
