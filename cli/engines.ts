import { resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';

import { downEngines } from '../engines/down.ts';
import { type EngineName, engineNames } from '../engines/engine.ts';
import { usualCacheDir } from '../engines/options.ts';
import { addressesOf, type EngineStatus, engineStatuses } from '../engines/status.ts';
import { upEngines } from '../engines/up.ts';
import { createSystemClock } from '../streams/clock.ts';
import { showingProgress } from './engine-progress.ts';
import { dataDirOption, jsonOption } from './options.ts';
import { exitCodes, printResult, table } from './output.ts';

interface SelectOptions {
  readonly dataDir: string;
  readonly only?: readonly EngineName[];
  readonly json?: boolean;
}

interface UpOptions extends SelectOptions {
  readonly ports?: 'default' | 'free';
  readonly cacheDir: string;
  readonly javaHome?: string;
  readonly separatePinot?: boolean;
}

const mebibyte = 1 << 20;

export function enginesCommand(): Command {
  return new Command('engines')
    .description('fetch and start the real servers on this machine')
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(statusCommand());
}

function upCommand(): Command {
  return selecting(new Command('up').description('fetch what is missing, start what is not running'))
    .addOption(
      new Option('--ports <which>', "the engines' own ports, or free ones; kept with the data").choices([
        'default',
        'free',
      ]),
    )
    .addOption(
      new Option('--cache-dir <folder>', 'where fetched programs are kept')
        .default(usualCacheDir())
        .env('OPENFRAME_ENGINES_CACHE_DIR'),
    )
    .addOption(new Option('--java-home <folder>', 'the JDK to use').env('JAVA_HOME'))
    .option('--separate-pinot', 'a process for each role of Pinot')
    .action(async (names: readonly EngineName[], options: UpOptions) => {
      const startedMs = performance.now();
      const selected = selection(names, options);
      await showingProgress((onProgress) =>
        upEngines({
          ...selected,
          cacheDir: resolve(options.cacheDir),
          clock: createSystemClock(),
          ports: options.ports,
          javaHome: options.javaHome,
          pinotApart: options.separatePinot,
          onProgress,
        }),
      );
      const engines = await engineStatuses(selected);
      const readyMs = Math.round(performance.now() - startedMs);
      const result = { engines, addresses: addressesOf(engines), readyMs };
      printResult(result, options, () => `${describe(engines)}\nready in ${(readyMs / 1000).toFixed(1)} s`);
    });
}

function downCommand(): Command {
  return selecting(new Command('down').description('stop them; their data stays')).action(
    async (names: readonly EngineName[], options: SelectOptions) => {
      const stopped = await downEngines({ ...selection(names, options), clock: createSystemClock() });
      const text = stopped.length === 0 ? 'nothing was running' : `stopped: ${stopped.join(', ')}`;
      printResult({ stopped }, options, () => text);
    },
  );
}

function statusCommand(): Command {
  return selecting(
    new Command('status').description('say what runs and answers; ends with 1 where one does not'),
  ).action(async (names: readonly EngineName[], options: SelectOptions) => {
    const engines = await engineStatuses(selection(names, options));
    printResult({ engines, addresses: addressesOf(engines) }, options, () => describe(engines));
    if (engines.some((engine) => !engine.answering)) process.exitCode = exitCodes.failed;
  });
}

/** The options that say which engines of which folder. */
function selecting(command: Command): Command {
  return command
    .addArgument(new Argument('[names...]', 'which engines; default all').choices(engineNames))
    .addOption(new Option('--only <names>', 'the same, separated by commas').argParser(parseNames))
    .addOption(dataDirOption())
    .addOption(jsonOption());
}

function parseNames(text: string): readonly EngineName[] {
  return text.split(',').map((part) => {
    const name = engineNames.find((one) => one === part.trim());
    if (name === undefined) throw new InvalidArgumentError(`Choose from ${engineNames.join(', ')}.`);
    return name;
  });
}

function selection(
  names: readonly EngineName[],
  { dataDir, only = [] }: SelectOptions,
): { readonly dataDir: string; readonly only: readonly EngineName[] | undefined } {
  const chosen = engineNames.filter((name) => names.includes(name) || only.includes(name));
  return { dataDir: resolve(dataDir, 'engines'), only: chosen.length === 0 ? undefined : chosen };
}

function describe(engines: readonly EngineStatus[]): string {
  const rows = engines.flatMap(({ engine, version, ports, processes }) =>
    processes.length === 0
      ? [[engine, version ?? '-', '-', '-', '-', 'down']]
      : processes.map(({ name, pid, memoryBytes, fault }) => {
          const memory = `${Math.round(memoryBytes / mebibyte)} MiB`;
          return [name, version ?? '-', String(pid), Object.values(ports).join(' '), memory, fault ?? 'yes'];
        }),
  );
  const settings = Object.entries(addressesOf(engines)).map(([name, address]) => `${name}=${address}`);
  return [
    table(['engine', 'version', 'pid', 'ports', 'memory', 'answering'], rows),
    ...(settings.length === 0 ? [] : ['', ...settings]),
  ].join('\n');
}
