import { messageOf } from '../contracts/errors.ts';
import { allEngines } from './all-engines.ts';
import type { EngineAddresses, EngineName, Ports } from './engine.ts';
import { type EngineOptions, namesOf } from './options.ts';
import { answerWithinMs, logPath } from './processes/launch.ts';
import { isRunning, memoryBytesOf } from './processes/process-identity.ts';
import { engineFolder, type ProcessRecord, readRecord } from './processes/records.ts';

export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  readonly memoryBytes: number;
  /** True where a round trip in its own protocol came back within 3 s. */
  readonly answering: boolean;
  /** Why it does not answer; null where it does. */
  readonly fault: string | null;
  readonly log: string;
}

export interface EngineStatus {
  readonly engine: EngineName;
  /** Null where it was never started on this data folder. */
  readonly version: string | null;
  readonly ports: Ports;
  readonly addresses: Partial<EngineAddresses>;
  /** Empty where it was stopped. A process that ended by itself is still named. */
  readonly processes: readonly ProcessStatus[];
  /** True where it has processes and all of them answer. */
  readonly answering: boolean;
}

/** What the engines of a data folder do now, each asked in its own protocol. */
export async function engineStatuses(
  options: Pick<EngineOptions, 'dataDir' | 'only'>,
): Promise<readonly EngineStatus[]> {
  return Promise.all(namesOf(options).map((name) => engineStatus(options.dataDir, name)));
}

/** Where the engines of a data folder answer, of those that do. */
export function addressesOf(statuses: readonly EngineStatus[]): Partial<EngineAddresses> {
  return Object.assign(
    {},
    ...statuses.filter((one) => one.answering).map((one) => one.addresses),
  ) as Partial<EngineAddresses>;
}

async function engineStatus(dataDir: string, name: EngineName): Promise<EngineStatus> {
  const record = readRecord(dataDir, name);
  if (record === null) {
    return { engine: name, version: null, ports: {}, addresses: {}, processes: [], answering: false };
  }
  const { version, ports } = record;
  const processes = await Promise.all(
    record.processes.map((process) => processStatus(dataDir, name, process, ports)),
  );
  const answering = processes.length > 0 && processes.every((process) => process.answering);
  return { engine: name, version, ports, addresses: allEngines[name].addresses(ports), processes, answering };
}

async function processStatus(
  dataDir: string,
  engine: EngineName,
  record: ProcessRecord,
  ports: Ports,
): Promise<ProcessStatus> {
  const running = isRunning(record);
  const fault = running ? await faultOf(engine, record.name, ports) : 'it has ended';
  return {
    name: record.name,
    pid: record.pid,
    running,
    memoryBytes: running ? memoryBytesOf(record) : 0,
    answering: fault === null,
    fault,
    log: logPath(engineFolder(dataDir, engine), record.name),
  };
}

async function faultOf(engine: EngineName, name: string, ports: Ports): Promise<string | null> {
  try {
    await allEngines[engine].answers[name]?.(ports, AbortSignal.timeout(answerWithinMs));
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
