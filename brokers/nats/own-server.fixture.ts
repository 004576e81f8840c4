import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { NatsSettings } from '../../engines/engine.ts';
import { type RunningEngines, startEngines } from '../../engines/start-engines.ts';
import { engineTools } from '../../tests/engines/engine-addresses.ts';
import { clock } from './nats-subject.fixture.ts';

export interface OwnServer {
  readonly address: string;
  readonly engines: RunningEngines;
  readonly dataDir: string;
}

/** A server that the test may kill, gone with the stack. */
export async function startOwnServer(
  stack: AsyncDisposableStack,
  natsSettings: NatsSettings = {},
): Promise<OwnServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'openframe-nats-'));
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const options = {
    ...engineTools(),
    dataDir,
    clock,
    natsSettings,
    only: ['nats'],
    ports: 'free',
  } as const;
  const engines = stack.use(await startEngines(options));
  return { address: engines.addresses.OPENFRAME_NATS_URL ?? '', engines, dataDir };
}
