import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

import { allEngines } from '../../engines/all-engines.ts';
import { type EngineAddresses, engineNames } from '../../engines/engine.ts';
import { startEngines } from '../../engines/start-engines.ts';
import { addressesOf, engineStatuses } from '../../engines/status.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createTempFolder } from '../support/temp-folder.ts';

/** Where `openframe engines up` keeps its engines when it is told nothing else. */
const usualDataDir = resolve('.openframe', 'engines');

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
  const folder = await createTempFolder();
  const engines = await startEngines({
    dataDir: folder.path,
    ...engineTools,
    clock: createSystemClock(),
    ports: 'free',
    onProgress: ({ engine, step, done, total }) => {
      if (step !== 'waiting' && done === total)
        process.stderr.write(`${engine}: ${step === 'fetching' ? 'fetched' : step}\n`);
    },
  }).catch(async (error: unknown) => {
    await folder[Symbol.asyncDispose]();
    throw error;
  });
  await provide(project, engines.addresses)();
  return async () => {
    await engines[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
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
