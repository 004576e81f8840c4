import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';

import { OpenFrameError } from '../contracts/errors.ts';
import { createSecretBox, secretKeyBytes, type SecretBox } from '../integrations/sealed-secret.ts';
import type { Settings } from './settings.ts';

type KeySettings = Pick<Settings, 'OPENFRAME_SECRETS_KEY' | 'OPENFRAME_SECRETS_KEY_FILE'>;

/**
 * What seals the secrets of tools: by the key of the settings, else by the key in `ownFile`, which is made where it
 * is missing. Asked for when there is a secret; throws `CONFIGURATION_INVALID` then where there is no key, it has
 * another form, or others than its owner may read its file.
 */
export function openSecretBox(settings: KeySettings, ownFile?: string): SecretBox {
  return createSecretBox({ key: () => secretKey(settings, ownFile), randomBytes });
}

function secretKey(settings: KeySettings, ownFile: string | undefined): Uint8Array {
  const { OPENFRAME_SECRETS_KEY: key, OPENFRAME_SECRETS_KEY_FILE: file } = settings;
  if (key !== undefined) return keyOf(key, 'OPENFRAME_SECRETS_KEY');
  if (file !== undefined) return keyInFile(file);
  if (ownFile !== undefined) {
    provideKeyFile(ownFile);
    return keyInFile(ownFile);
  }
  throw new OpenFrameError(
    'CONFIGURATION_INVALID',
    'There is no key for the secrets of tools: set OPENFRAME_SECRETS_KEY_FILE, the same for every process (openssl rand -base64 32 makes one).',
  );
}

function keyInFile(path: string): Uint8Array {
  let text: string;
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      const message = `Others may read the key file ${path}: chmod 600 it.`;
      throw new OpenFrameError('CONFIGURATION_INVALID', message);
    }
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof OpenFrameError) throw cause;
    throw new OpenFrameError('CONFIGURATION_INVALID', `The key file ${path} cannot be read.`, { cause });
  }
  return keyOf(text, `The key file ${path}`);
}

function keyOf(text: string, where: string): Uint8Array {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length === secretKeyBytes) return bytes;
  const message = `${where} holds no key: it must be ${secretKeyBytes} bytes in base64 (openssl rand -base64 32).`;
  throw new OpenFrameError('CONFIGURATION_INVALID', message);
}

/** Makes a key file, for its owner alone, where there is none. */
export function provideKeyFile(path: string): void {
  try {
    writeFileSync(path, `${randomBytes(secretKeyBytes).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
