import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { allEngines } from './all-engines.ts';
import type { EngineName } from './engine.ts';
import { isCached, provideProgram } from './fetch/fetch.ts';
import { checkTools } from './fetch/tools.ts';
import { type EngineOptions, type EngineProgress, jdkTool, namesOf } from './options.ts';
import { type Pins, readPins } from './pins.ts';
import { planPorts } from './plan-ports.ts';
import { whileLocked } from './processes/lock.ts';
import { startEngine } from './start-engine.ts';

/**
 * Fetches what is missing, starts what is not running, and resolves when all of it answers. Called again, it finds
 * what runs and leaves it alone.
 * Rejects with `CONFIGURATION_INVALID` (a tool is missing, ports cannot be had as asked), `PORT_IN_USE`,
 * `DATA_FOLDER_IN_USE`, before anything was started; with `STATE_CORRUPT` (a file is not what was pinned),
 * `STORE_UNAVAILABLE` (an engine ended, or does not answer) or `INTERNAL`, while the others stay up.
 */
export async function upEngines(options: EngineOptions): Promise<void> {
  await whileLocked(options.dataDir, () => up(options));
}

async function up(options: EngineOptions): Promise<void> {
  const pins = await readPins();
  const ports = await planPorts(options);
  await checkTools(await toolsNeeded(pins, options));
  const inTurn = createTurns();
  const results = await Promise.allSettled(
    [...ports].map(async ([name, own]) => {
      const { version } = pins[name];
      report(options, { engine: name, step: 'waiting', done: 0, total: 0 });
      const fetching = (): Promise<string> => provide(name, pins, options);
      // Maven's own repository of files is not made for two at once.
      const programs = await (pins[name].source === 'maven' ? inTurn(fetching) : fetching());
      report(options, { engine: name, step: 'starting', done: 0, total: 0 });
      await startEngine(name, { version, programs, ports: own }, options);
      report(options, { engine: name, step: 'answering', done: 0, total: 0 });
    }),
  );
  const faults = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (faults.length > 0) throw asOne(faults);
}

function provide(name: EngineName, pins: Pins, options: EngineOptions): Promise<string> {
  return provideProgram(options.cacheDir, name, pins[name], {
    javac: jdkTool(options, 'javac'),
    onFetched: (done, total) => report(options, { engine: name, step: 'fetching', done, total }),
  });
}

async function toolsNeeded(pins: Pins, options: EngineOptions): Promise<Parameters<typeof checkTools>[0]> {
  const names = namesOf(options);
  const cached = await Promise.all(names.map((name) => isCached(options.cacheDir, name, pins[name])));
  const missing = names.filter((_, i) => cached[i] !== true).map((name) => pins[name]);
  const compiles = missing.some((pin) => pin.source === 'maven' && pin.program !== undefined);
  return {
    java: names.some((name) => allEngines[name].needsJava) ? jdkTool(options, 'java') : undefined,
    javac: compiles ? jdkTool(options, 'javac') : undefined,
    maven: missing.some((pin) => pin.source === 'maven'),
    pip: missing.some((pin) => pin.source === 'wheel'),
  };
}

function report(options: EngineOptions, progress: EngineProgress): void {
  options.onProgress?.(progress);
}

/** Runs one piece of work after the other; a failed one holds up nobody. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };
}

function asOne(faults: readonly unknown[]): Error {
  const [first] = faults;
  if (faults.length === 1 && first instanceof Error) return first;
  const code = first instanceof OpenFrameError ? first.code : 'INTERNAL';
  return new OpenFrameError(code, faults.map(messageOf).join('\n'), { cause: new AggregateError(faults) });
}
