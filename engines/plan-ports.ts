import { OpenFrameError } from '../contracts/errors.ts';
import { allEngines } from './all-engines.ts';
import type { EngineName, Ports } from './engine.ts';
import { type EngineOptions, namesOf } from './options.ts';
import { findFreePorts, isFree } from './ports.ts';
import { isRunning } from './processes/process-identity.ts';
import { type EngineRecord, readRecord } from './processes/records.ts';

/**
 * The ports of every engine: those that its data was begun with, else as asked. Throws `CONFIGURATION_INVALID`
 * where what is asked is not what its data has, and `PORT_IN_USE`, which names every port that another program holds.
 */
export async function planPorts(options: EngineOptions): Promise<ReadonlyMap<EngineName, Ports>> {
  const planned = new Map<EngineName, Ports>();
  const taken = new Set<number>();
  const faults: string[] = [];
  for (const name of namesOf(options)) {
    const record = readRecord(options.dataDir, name);
    const ports = await portsOf(name, record, options, taken);
    planned.set(name, ports);
    if (record?.processes.some(isRunning) !== true) faults.push(...(await heldByOthers(name, ports)));
  }
  if (faults.length === 0) return planned;
  const advice = 'Stop the program that holds it, or begin a new --data-dir with --ports free.';
  throw new OpenFrameError('PORT_IN_USE', `${faults.join('; ')}. ${advice}`, { details: { faults } });
}

async function portsOf(
  name: EngineName,
  record: EngineRecord | null,
  options: EngineOptions,
  taken: Set<number>,
): Promise<Ports> {
  const { defaultPorts } = allEngines[name];
  if (record === null) {
    return options.ports === 'free' ? findFreePorts(defaultPorts, taken) : defaultPorts;
  }
  const uses = Object.entries(defaultPorts);
  const isDefault = uses.every(([use, port]) => (record.ports[use] ?? port) === port);
  const begun = isDefault ? 'default' : 'free';
  if (options.ports === undefined || options.ports === begun) {
    // An older version may have had fewer uses.
    const missing = Object.fromEntries(uses.filter(([use]) => !(use in record.ports)));
    return { ...record.ports, ...(isDefault ? missing : await findFreePorts(missing, taken)) };
  }
  throw new OpenFrameError(
    'CONFIGURATION_INVALID',
    `The data of ${name} in ${options.dataDir} was begun with ${begun} ports, which it keeps. ` +
      'Leave --ports out, or choose another --data-dir.',
  );
}

async function heldByOthers(name: EngineName, ports: Ports): Promise<string[]> {
  const faults: string[] = [];
  for (const [use, port] of Object.entries(ports)) {
    if (!(await isFree(port)))
      faults.push(`${name} needs port ${port} (${use}), which another program holds`);
  }
  return faults;
}
