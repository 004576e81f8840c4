import { OpenFrameError } from '../contracts/errors.ts';
import { downEngines } from './down.ts';
import { type EngineAddresses, type EngineName, engineNames } from './engine.ts';
import { type EngineOptions, namesOf } from './options.ts';
import { isRunning, signalProcess } from './processes/process-identity.ts';
import { type ProcessRecord, readRecord } from './processes/records.ts';
import { killProcess, stopProcess } from './processes/stop-process.ts';
import { addressesOf, type EngineStatus, engineStatuses } from './status.ts';
import { upEngines } from './up.ts';

/**
 * Engines that this program runs, and what a test does to them. `name` is an engine's (all its processes) or, with
 * `pinotApart`, one process's, such as `pinot-server`. All of it works by process id, checked to be the one started.
 */
export interface RunningEngines extends AsyncDisposable {
  /** Where they answer, by the names of the settings: those of `only`. */
  readonly addresses: Partial<EngineAddresses>;
  /** What each does now; also its process ids and logs. */
  statuses(): Promise<readonly EngineStatus[]>;
  /** `kill -9`; resolves when the process is gone. */
  kill(name: string): Promise<void>;
  /** SIGSTOP: its connections stay open, and nobody answers. */
  pause(name: string): void;
  /** SIGCONT. */
  resume(name: string): void;
  /** Asks it to end, and kills it after 30 s; resolves when it is gone. */
  stop(name: string): Promise<void>;
  /** Starts what is not running of the engine, on the same data and ports; resolves when all of it answers. */
  start(name: string): Promise<void>;
}

/**
 * Fetches, starts and awaits engines, as `upEngines`; disposing of it ends them. Where one does not come up, all of
 * them are ended and the call rejects: give it a data folder of its own.
 */
export async function startEngines(options: EngineOptions): Promise<RunningEngines> {
  const down = async (): Promise<void> => void (await downEngines(options));
  try {
    await upEngines(options);
  } catch (error) {
    await down();
    throw error;
  }
  const processes = (name: string): readonly ProcessRecord[] => processesOf(options, name);
  const signal = (name: string, which: NodeJS.Signals): void => {
    for (const process of processes(name)) signalProcess(process, which);
  };
  return {
    addresses: addressesOf(await engineStatuses(options)),
    statuses: () => engineStatuses(options),
    kill: async (name) => {
      for (const process of processes(name)) await killProcess(process, options.clock);
    },
    pause: (name) => signal(name, 'SIGSTOP'),
    resume: (name) => signal(name, 'SIGCONT'),
    stop: async (name) => {
      for (const process of processes(name).toReversed()) await stopProcess(process, options.clock);
    },
    start: (name) => upEngines({ ...options, only: [engineOf(name)] }),
    [Symbol.asyncDispose]: down,
  };
}

function processesOf(options: EngineOptions, name: string): readonly ProcessRecord[] {
  const engine = engineOf(name);
  const all = readRecord(options.dataDir, engine)?.processes ?? [];
  const named = all.filter((process) => name === engine || process.name === name);
  if (named.length > 0 && namesOf(options).includes(engine)) return named.filter(isRunning);
  throw new OpenFrameError('NOT_FOUND', `No process of ${name} was started in ${options.dataDir}.`);
}

function engineOf(name: string): EngineName {
  const engine = engineNames.find((one) => name === one || name.startsWith(`${one}-`));
  if (engine !== undefined) return engine;
  throw new OpenFrameError('NOT_FOUND', `${name} is no engine: there are ${engineNames.join(', ')}.`);
}
