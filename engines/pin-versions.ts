import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { engineNames } from './engine.ts';
import { sha256OfAll } from './fetch/checksums.ts';
import { fetchJars } from './fetch/maven.ts';
import { type Pins, readPins, writePins } from './pins.ts';

/*
 * For whoever raises a version: change versions and artifacts in versions.json, run `node engines/pin-versions.ts`,
 * and it fetches the jars again and writes their checksums there. A wheel's checksum is entered by hand, one for
 * each platform, because pip fetches this platform's alone.
 */
const pins: Record<string, Pins[keyof Pins]> = await readPins();
for (const name of engineNames) {
  const pin = pins[name];
  if (pin?.source !== 'maven') continue;
  const folder = await mkdtemp(join(tmpdir(), 'openframe-pin-'));
  await fetchJars(folder, pin, { onFetched: () => undefined, javac: 'javac' });
  const files = await sha256OfAll(join(folder, 'libs'));
  await rm(folder, { recursive: true });
  pins[name] = { ...pin, files };
  process.stderr.write(`${name}: ${Object.keys(files).length} files\n`);
}
await writePins(pins as Pins);
