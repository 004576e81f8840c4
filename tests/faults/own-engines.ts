import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EngineOptions } from '../../engines/options.ts';
import { type RunningEngines, startEngines } from '../../engines/start-engines.ts';
import type { FaultContext } from './scenario.ts';

export interface OwnEngines {
  readonly engines: RunningEngines;
  readonly dataDir: string;
}

/** Servers that a scenario may kill, on free ports; they go with it. */
export async function startOwnEngines(
  { stack, clock, engineTools }: FaultContext,
  only: NonNullable<EngineOptions['only']>,
  more: Pick<EngineOptions, 'natsSettings' | 'moreSettings' | 'pinotApart'> = {},
): Promise<OwnEngines> {
  const dataDir = await mkdtemp(join(tmpdir(), 'openframe-faults-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const engines = await startEngines({ ...engineTools, ...more, dataDir, clock, only, ports: 'free' });
  stack.use(engines);
  return { engines, dataDir };
}
