import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

import { engineNames } from './engine.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const files = z.record(z.string(), sha256);

const mavenPinSchema = z.object({
  source: z.literal('maven'),
  version: z.string(),
  /** `group:artifact:version`; what they depend on is fetched with them. */
  artifacts: z.array(z.string()).min(1),
  /** A pom that pins the versions of what they depend on. */
  managedBy: z.string().optional(),
  /** A Java source of ours, compiled against the jars. */
  program: z.string().optional(),
  /** Every jar by its name, with its checksum. */
  files,
});

const wheelPinSchema = z.object({
  source: z.literal('wheel'),
  version: z.string(),
  package: z.string(),
  /** The name of the program within the wheel. */
  program: z.string(),
  /** One wheel for each platform by its name, with its checksum. */
  files,
});

const pinSchema = z.discriminatedUnion('source', [mavenPinSchema, wheelPinSchema]);

export type MavenPin = z.infer<typeof mavenPinSchema>;
export type WheelPin = z.infer<typeof wheelPinSchema>;
export type Pin = z.infer<typeof pinSchema>;

/** What is fetched: the engines, and Kafka Connect with Debezium's connector for PostgreSQL, which tests run. */
const programNames = [...engineNames, 'connect'] as const;
export type ProgramName = (typeof programNames)[number];
export type Pins = Readonly<Record<ProgramName, Pin>>;

const path = new URL('versions.json', import.meta.url);

/** The one file that says which versions are fetched and what their files must be. */
export async function readPins(): Promise<Pins> {
  return z.record(z.enum(programNames), pinSchema).parse(JSON.parse(await readFile(path, 'utf8')));
}

export async function writePins(pins: Pins): Promise<void> {
  await writeFile(path, `${JSON.stringify(pins, null, 2)}\n`);
}
