import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { VerifyReport } from '../../pipelines/verify.ts';
import { runningServer } from '../../services/data-folder.ts';
import { engineAddresses } from '../../services/engine-checks.ts';
import { createOperationsClient } from '../../services/operations-client.ts';
import { readSettings } from '../../services/settings.ts';
import type { SimulateReport } from '../../simulator/simulate.ts';
import { freePort, runCli, startPlatformProcess } from '../../tests/support/platform-process.ts';
import { endWithUs } from '../end-with-us.ts';
import { namesOfRun } from './engine-names.ts';
import { type RoleProcess, roleProcesses } from './processes.ts';
import { serverProcesses } from './server-processes.ts';

export type EngineProfile = 'embedded' | 'distributed';

/** A platform in processes of its own, with an empty data folder, and what a benchmark asks of it. */
export interface PlatformUnderLoad extends AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  roles(): Promise<RoleProcess[]>;
  /** The engines' servers on this machine. */
  readonly servers: readonly RoleProcess[];
  pipelines(): Promise<readonly PipelineStatus[]>;
  verify(waitMs: number): Promise<VerifyReport>;
  /** Runs the generator in a process of its own, to its end. */
  simulate(args: readonly string[]): Promise<SimulateReport>;
  /** Ends it as Ctrl-C does; its data stays until it is disposed of. */
  stop(): Promise<void>;
}

/** `settings` are environment variables of the platform alone, over those of this process. */
export async function startPlatformUnderLoad(
  profile: EngineProfile,
  settings: Readonly<Record<string, string>> = {},
): Promise<PlatformUnderLoad> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'openframe-bench-'));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const port = String(await freePort());
  const env = profile === 'embedded' ? {} : { OPENFRAME_NAME_PREFIX: starting.use(namesOfRun()).prefix };
  const args = ['--profile', profile, '--port', port, '--data-dir', folder, '--no-agent'];
  const platform = starting.use(await startPlatformProcess(args, { ...env, ...settings }));
  endWithUs(platform.child);
  const { url } = platform.ready;
  const server = runningServer(folder);
  if (server === null) throw new Error(`the platform at ${url} did not announce itself in ${folder}`);
  const operations = createOperationsClient(server);
  const started = starting.move();
  return {
    folder,
    url,
    servers: profile === 'embedded' ? [] : await serverProcesses(engineAddresses(readSettings({}))),
    roles: () => roleProcesses(platform.child.pid ?? 0),
    pipelines: () => operations.pipelines(),
    verify: (waitMs) => operations.verify({ waitMs }),
    simulate: (more) => simulate([...more, '--data-dir', folder], env),
    stop: async () => void (await platform.stop()),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function simulate(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SimulateReport> {
  const run = await runCli(['simulate', ...args], env);
  if (run.code !== 0) throw new Error(`the generator failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as SimulateReport;
}
