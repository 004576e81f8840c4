import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { createTempFolder } from '../../tests/support/temp-folder.ts';
import { checkFile, checkFiles } from './checksums.ts';

const sum = (text: string): string => createHash('sha256').update(text).digest('hex');

it('names every file that is wrong, missing or not pinned, with what was expected and got', async () => {
  await using folder = await createTempFolder();
  await writeFile(join(folder.path, 'right.jar'), 'right');
  await writeFile(join(folder.path, 'wrong.jar'), 'other');
  await writeFile(join(folder.path, 'strange.jar'), 'strange');
  const pinned = { 'right.jar': sum('right'), 'wrong.jar': sum('wrong'), 'missing.jar': sum('missing') };
  const fault = {
    code: 'STATE_CORRUPT',
    details: { folder: folder.path, faults: expect.any(Array) as string[] },
  };
  const checked = checkFiles(folder.path, pinned);
  await expect(checked).rejects.toMatchObject(fault);
  await expect(checked).rejects.toThrow(`wrong.jar: expected ${sum('wrong')}, got ${sum('other')}`);
  await expect(checked).rejects.toThrow(`missing.jar: expected ${sum('missing')}, got no file`);
  await expect(checked).rejects.toThrow(`strange.jar: expected no such file, got ${sum('strange')}`);
  await expect(checked).rejects.not.toThrow('right.jar');
});

it('takes one of several pinned files, and no other', async () => {
  await using folder = await createTempFolder();
  await writeFile(join(folder.path, 'linux.whl'), 'linux');
  const pinned = { 'linux.whl': sum('linux'), 'macos.whl': sum('macos') };
  await expect(checkFile(folder.path, 'linux.whl', pinned)).resolves.toBeUndefined();
  await expect(checkFile(folder.path, 'linux.whl', { 'macos.whl': sum('macos') })).rejects.toThrow(
    'no such file',
  );
});
