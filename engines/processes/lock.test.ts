import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { createTempFolder } from '../../tests/support/temp-folder.ts';
import { whileLocked } from './lock.ts';

it('lets one process at a time work on a data folder, and names it', async () => {
  await using folder = await createTempFolder();
  await whileLocked(folder.path, async () => {
    const second = whileLocked(folder.path, () => Promise.resolve());
    await expect(second).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
    await expect(second).rejects.toThrow(`Process ${process.pid}`);
  });
  await expect(whileLocked(folder.path, () => Promise.resolve('free'))).resolves.toBe('free');
});

it('takes over the lock of a process that was killed, and one that cannot be read', async () => {
  await using folder = await createTempFolder();
  for (const left of [JSON.stringify({ pid: process.pid, started: 'long ago' }), '', '{']) {
    await writeFile(join(folder.path, 'lock'), left);
    await expect(whileLocked(folder.path, () => Promise.resolve('mine'))).resolves.toBe('mine');
  }
});
