import { randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { OpenFrameError } from '../contracts/errors.ts';

/** What may stand in a source, a NATS subject and a URL as one segment. */
const deviceIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/**
 * The device's identity: the one given, otherwise the one kept in `<stateDir>/device-id`, otherwise a new
 * random UUID, which is kept there. Called once at start; `stateDir` exists. Throws `ARGUMENT_INVALID` for an
 * identity that cannot be part of an event's source, and `STATE_CORRUPT` where the kept one is damaged.
 */
export async function loadDeviceId(stateDir: string, given?: string): Promise<string> {
  if (given !== undefined) {
    if (deviceIdPattern.test(given)) return given;
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `The device id ${JSON.stringify(given)} cannot be used; give 1 to 128 of letters, digits, - and _.`,
    );
  }
  const path = join(stateDir, 'device-id');
  const kept = await readIfThere(path);
  if (kept !== undefined) {
    if (deviceIdPattern.test(kept)) return kept;
    throw new OpenFrameError(
      'STATE_CORRUPT',
      `${path} holds no device id; restore it, or remove it to report as a new device.`,
    );
  }
  const deviceId = randomUUID();
  await writeDurably(path, `${deviceId}\n`);
  return deviceId;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await using file = await open(draft, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
  await rename(draft, path);
}
