import { readdir, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

import { allEngines } from '../../engines/all-engines.ts';
import { downEngines } from '../../engines/down.ts';
import { type EngineAddresses, engineNames } from '../../engines/engine.ts';
import type { EngineProgress } from '../../engines/options.ts';
import { isAlive, signalProcess } from '../../engines/processes/process-identity.ts';
import { readRecord } from '../../engines/processes/records.ts';
import { startEngines } from '../../engines/start-engines.ts';
import { addressesOf, engineStatuses } from '../../engines/status.ts';
import { createSystemClock } from '../../streams/clock.ts';

/** Where `openframe engines up` keeps its engines when it is told nothing else. */
const usualDataDir = resolve('.openframe', 'engines');
/** Before the id of the process that runs engines there. */
const folderPrefix = 'openframe-test-engines-';
const clock = createSystemClock();

/**
 * Vitest calls a global set-up's `setup`, and what it returns at the end. The servers are those that
 * `openframe engines up` runs in this checkout where all of them answer, else new ones on free ports over a
 * folder that goes with them.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { engineSource, engineTools } = project.getProvidedContext();
  if (engineSource === 'external') return provide(project, defaultAddresses());
  const found = addressesOf(await engineStatuses({ dataDir: usualDataDir }));
  if (isComplete(found)) return provide(project, found);
  await endLeftovers();
  const dataDir = join(tmpdir(), `${folderPrefix}${process.pid}`);
  const remove = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  endOnSignal(dataDir);
  try {
    const engines = await startEngines({ dataDir, ...engineTools, clock, ports: 'free', onProgress: tell });
    await provide(project, engines.addresses)();
    return async () => {
      await engines[Symbol.asyncDispose]();
      await remove();
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * A signal ends Vitest at once, without the end of its set-up: the servers are asked to end, and the next run removes
 * their folder.
 */
function endOnSignal(dataDir: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      const started = engineNames.flatMap((name) => readRecord(dataDir, name)?.processes ?? []);
      for (const server of started) signalProcess(server, 'SIGTERM');
      process.exit(128 + constants.signals[signal]);
    });
  }
}

/** Ends the engines of runs that were killed before they could. */
async function endLeftovers(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(folderPrefix));
  for (const name of names.filter((one) => !isAlive(Number(one.slice(folderPrefix.length))))) {
    const dataDir = join(tmpdir(), name);
    await downEngines({ dataDir, clock });
    await rm(dataDir, { recursive: true, force: true });
  }
}

function tell({ engine, step, done, total }: EngineProgress): void {
  if (step === 'waiting' || done !== total) return;
  process.stderr.write(`${engine}: ${step === 'fetching' ? 'fetched' : step}\n`);
}

function provide(project: TestProject, addresses: Partial<EngineAddresses>): () => Promise<void> {
  if (!isComplete(addresses)) throw new Error(`some engine has no address: ${JSON.stringify(addresses)}`);
  project.provide('engines', addresses);
  return () => Promise.resolve();
}

function defaultAddresses(): Partial<EngineAddresses> {
  const addresses = engineNames.map((name) => allEngines[name].addresses(allEngines[name].defaultPorts));
  return Object.assign({}, ...addresses) as Partial<EngineAddresses>;
}

function isComplete(addresses: Partial<EngineAddresses>): addresses is EngineAddresses {
  const all = Object.keys(defaultAddresses());
  return all.every((name) => name in addresses);
}
