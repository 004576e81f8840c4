import { readFileSync } from 'node:fs';

import { messageOf, OpenFrameError } from '../contracts/errors.ts';

/** The text of the file that a setting names, as it is. Throws `CONFIGURATION_INVALID` with the setting's name where it cannot be read. */
export function readSecretFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OpenFrameError('CONFIGURATION_INVALID', `${setting} cannot be read: ${messageOf(cause)}`);
  }
}
