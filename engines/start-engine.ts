import { OpenFrameError } from '../contracts/errors.ts';
import { allEngines } from './all-engines.ts';
import type { EngineName, Ports, ProcessPlan } from './engine.ts';
import { type EngineOptions, jdkTool } from './options.ts';
import { launch, untilAnswers } from './processes/launch.ts';
import { isRunning } from './processes/process-identity.ts';
import {
  engineFolder,
  type EngineRecord,
  type ProcessRecord,
  readRecord,
  recordWithPorts,
  writeRecord,
} from './processes/records.ts';

/**
 * Starts what is not running of an engine, one program after the other, and resolves when all of them answer.
 * Every program is on record before it is waited for.
 */
export async function startEngine(
  name: EngineName,
  found: { readonly version: string; readonly programs: string; readonly ports: Ports },
  options: EngineOptions,
): Promise<void> {
  const engine = allEngines[name];
  const folder = engineFolder(options.dataDir, name);
  const { ports, programs, version } = found;
  const plans = await engine.prepare({
    programs,
    folder,
    ports,
    java: jdkTool(options, 'java'),
    pinotApart: options.pinotApart ?? false,
    natsSettings: options.natsSettings ?? {},
    more: moreOf(name, ports, options),
  });
  let record = recordWithPorts(readRecord(options.dataDir, name), version, ports);
  const running = record.processes.filter(isRunning);
  checkSameShape(name, running, plans);
  record = {
    version: running.length === 0 ? version : record.version,
    ports: { ...ports },
    processes: running,
  };
  for (const plan of plans) {
    let process = running.find((one) => one.name === plan.name);
    if (process === undefined) {
      process = await launch(plan, folder);
      record = withProcess(record, process);
      writeRecord(options.dataDir, name, record);
    }
    const ask = engine.answers[plan.name];
    if (ask !== undefined) {
      await untilAnswers(process, (signal) => ask(ports, signal), folder, options.clock);
    }
  }
}

function moreOf(name: EngineName, ports: Ports, { moreSettings = {} }: EngineOptions): string {
  const more: Partial<Record<EngineName, (ports: Ports) => string>> = moreSettings;
  return more[name]?.(ports) ?? '';
}

function withProcess(record: EngineRecord, process: ProcessRecord): EngineRecord {
  return { ...record, processes: [...record.processes, process] };
}

/** Pinot runs in one process or in several; both at once would share ports and data. */
function checkSameShape(
  name: EngineName,
  running: readonly ProcessRecord[],
  plans: readonly ProcessPlan[],
): void {
  const strange = running.find((process) => plans.every((plan) => plan.name !== process.name));
  if (strange === undefined) return;
  const message = `${name} runs as process ${strange.pid} (${strange.name}), in another shape than asked. Stop it first: openframe engines down ${name}.`;
  throw new OpenFrameError('CONFIGURATION_INVALID', message);
}
