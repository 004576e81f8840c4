import { readdir, readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';

/**
 * Logged-in users, without a child process: systemd-logind's sessions where there are any, otherwise utmp(5),
 * which newer distributions no longer write.
 */
export async function readLinuxUsers(): Promise<string[]> {
  const sessions = await readSessions('/run/systemd/sessions');
  const names = sessions.length > 0 ? sessions : await readUtmp('/run/utmp');
  return [...new Set(names)].sort();
}

async function readSessions(folder: string): Promise<string[]> {
  try {
    const files = (await readdir(folder)).filter((name) => !name.endsWith('.ref'));
    const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
    return texts.flatMap((text) => parseSession(text) ?? []);
  } catch {
    return [];
  }
}

/** The user of a session of a person: greeters and background services have another class. */
export function parseSession(text: string): string | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];
  return value('CLASS') === 'user' && value('STATE') !== 'closing' ? value('USER') : undefined;
}

async function readUtmp(path: string): Promise<string[]> {
  try {
    return parseUtmp(await readFile(path), arch() === 'arm64' ? 400 : 384);
  } catch {
    return [];
  }
}

/** utmp(5) of glibc: `ut_type` at 0, `ut_user` at 44 of 32 bytes; type 7 is a user's process. */
export function parseUtmp(bytes: Buffer, recordBytes: number): string[] {
  const users: string[] = [];
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    if (bytes.readInt16LE(at) !== 7) continue;
    const field = bytes.subarray(at + 44, at + 76);
    const end = field.indexOf(0);
    const user = field.toString('utf8', 0, end < 0 ? field.length : end);
    if (user !== '') users.push(user);
  }
  return users;
}
