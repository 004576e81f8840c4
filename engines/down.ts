import { type EngineOptions, namesOf } from './options.ts';
import { whileLocked } from './processes/lock.ts';
import { isRunning } from './processes/process-identity.ts';
import { readRecord, writeRecord } from './processes/records.ts';
import { stopProcess } from './processes/stop-process.ts';
import type { EngineName } from './engine.ts';

/** Stops the engines that run on a data folder, and resolves with their names when no process of theirs is left. */
export async function downEngines(
  options: Pick<EngineOptions, 'dataDir' | 'clock' | 'only'>,
): Promise<readonly EngineName[]> {
  return whileLocked(options.dataDir, async () => {
    const stopped = await Promise.all(namesOf(options).map((name) => downEngine(name, options)));
    return namesOf(options).filter((_, i) => stopped[i] === true);
  });
}

async function downEngine(
  name: EngineName,
  { dataDir, clock }: Pick<EngineOptions, 'dataDir' | 'clock'>,
): Promise<boolean> {
  const record = readRecord(dataDir, name);
  if (record === null) return false;
  const running = record.processes.filter(isRunning);
  for (const process of running.toReversed()) await stopProcess(process, clock);
  writeRecord(dataDir, name, { ...record, processes: [] });
  return running.length > 0;
}
