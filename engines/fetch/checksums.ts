import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { OpenFrameError } from '../../contracts/errors.ts';

/** SHA-256 of a file, in hex. */
async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** The SHA-256 of every file of a folder by its name. */
export async function sha256OfAll(folder: string): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const name of (await readdir(folder)).toSorted()) sums[name] = await sha256Of(join(folder, name));
  return sums;
}

/**
 * Holds the files of a folder to what was pinned. Throws `STATE_CORRUPT`, which names every file that is wrong,
 * missing or not ours, with the checksum that was expected and the one that was got.
 */
export async function checkFiles(folder: string, pinned: Readonly<Record<string, string>>): Promise<void> {
  const found = await sha256OfAll(folder);
  const names = [...new Set([...Object.keys(pinned), ...Object.keys(found)])].toSorted();
  const faults = names
    .filter((name) => found[name] !== pinned[name])
    .map((name) => `${name}: expected ${pinned[name] ?? 'no such file'}, got ${found[name] ?? 'no file'}`);
  if (faults.length > 0) throw wrongFiles(folder, faults);
}

/** Holds one file, out of several that are pinned, to its checksum; as `checkFiles`. */
export async function checkFile(
  folder: string,
  name: string,
  pinned: Readonly<Record<string, string>>,
): Promise<void> {
  const got = await sha256Of(join(folder, name));
  if (got === pinned[name]) return;
  throw wrongFiles(folder, [`${name}: expected ${pinned[name] ?? 'no such file'}, got ${got}`]);
}

function wrongFiles(folder: string, faults: readonly string[]): OpenFrameError {
  const message =
    `What was fetched is not what engines/versions.json pins. ${faults.join('; ')}. Nothing of it was started. ` +
    `Remove ${folder} and try again; if it stays, the registry of this machine serves something else.`;
  return new OpenFrameError('STATE_CORRUPT', message, { details: { folder, faults } });
}
