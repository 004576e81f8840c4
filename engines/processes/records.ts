import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { EngineName, Ports } from '../engine.ts';
import { processIdentitySchema } from './process-identity.ts';

const engineRecordSchema = z.object({
  version: z.string(),
  /** Kept while the data is: Pinot's cluster knows its members by them. */
  ports: z.record(z.string(), z.number().int()),
  processes: z.array(processIdentitySchema.extend({ name: z.string() })),
});

/** What is known of an engine in a data folder: whoever comes next finds its processes by it. */
export type EngineRecord = z.infer<typeof engineRecordSchema>;
export type ProcessRecord = EngineRecord['processes'][number];

/** An engine's own folder within the data folder. */
export const engineFolder = (dataDir: string, name: EngineName): string => join(dataDir, name);

/** The record; null where the engine was never started here. Throws `STATE_CORRUPT` where it cannot be read. */
export function readRecord(dataDir: string, name: EngineName): EngineRecord | null {
  const path = recordPath(dataDir, name);
  try {
    return engineRecordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const advice = `end ${name} by hand if it runs, and remove the file`;
    throw new OpenFrameError('STATE_CORRUPT', `The file ${path} cannot be read: ${advice}.`, { cause });
  }
}

/** Replaces the record whole, before anything else happens: a process that is not on record is never ended. */
export function writeRecord(dataDir: string, name: EngineName, record: EngineRecord): void {
  mkdirSync(engineFolder(dataDir, name), { recursive: true });
  const path = recordPath(dataDir, name);
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(record, null, 2));
  renameSync(partial, path);
}

/** The record of an engine with these ports, as it was or new. */
export function recordWithPorts(record: EngineRecord | null, version: string, ports: Ports): EngineRecord {
  return record ?? { version, ports: { ...ports }, processes: [] };
}

function recordPath(dataDir: string, name: EngineName): string {
  return join(engineFolder(dataDir, name), 'engine.json');
}
