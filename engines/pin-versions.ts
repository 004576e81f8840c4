import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256OfAll } from './fetch/checksums.ts';
import { fetchJars } from './fetch/maven.ts';
import { type Pins, readPins, writePins } from './pins.ts';

/*
 * For whoever raises a version: change versions and artifacts in versions.json, run `node engines/pin-versions.ts`,
 * and it fetches the jars again and writes their checksums there: of all, or of those named behind it. A wheel's
 * checksum is entered by hand, one for each platform, because pip fetches this platform's alone.
 */
const only = process.argv.slice(2);
const pins: Record<string, Pins[keyof Pins]> = await readPins();
for (const [name, pin] of Object.entries(pins)) {
  if (pin.source !== 'maven' || (only.length > 0 && !only.includes(name))) continue;
  const folder = await mkdtemp(join(tmpdir(), 'openframe-pin-'));
  await fetchJars(folder, pin, { onFetched: () => undefined, javac: 'javac' });
  const files = await sha256OfAll(join(folder, 'libs'));
  await rm(folder, { recursive: true });
  pins[name] = { ...pin, files };
  process.stderr.write(`${name}: ${Object.keys(files).length} files\n`);
}
await writePins(pins as Pins);
