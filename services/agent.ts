import { randomInt } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import type { Tokens } from '../agent-gateway/tokens.ts';
import { createAgent } from '../agent/agent.ts';
import { defaultTenantId } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';

export interface OwnAgentOptions {
  readonly url: string;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** Where the agent keeps its identity and its spool. */
  readonly stateDir: string;
  readonly onFault: (message: string) => void;
}

/** This machine's own agent, through the same door as every other. */
export async function startAgent(options: OwnAgentOptions): Promise<AsyncDisposable> {
  const { clock } = options;
  const token = await ownToken(options);
  const agent = createAgent({
    serverUrl: options.url,
    token,
    stateDir: options.stateDir,
    organizationId: 'this-machine',
    organizationName: hostname(),
    clock,
    random: createRandom(randomInt(2 ** 32)),
    logger: { info: () => undefined, warn: (_fields, message) => options.onFault(`agent: ${message}`) },
  });
  const stopping = new AbortController();
  const running = agent.run(stopping.signal).catch((error: unknown) => {
    options.onFault(`The agent ended: ${String(error)}`);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Made once, and kept beside the agent's other state, readable by its owner alone. */
async function ownToken({ tokens, stateDir }: OwnAgentOptions): Promise<string> {
  const path = join(stateDir, 'token');
  const kept = await readFile(path, 'utf8').catch(() => null);
  if (kept !== null) return kept;
  const { token } = await tokens.mint({ tenantId: defaultTenantId, role: 'agent' });
  await mkdir(stateDir, { recursive: true });
  await writeFile(path, token, { mode: 0o600 });
  return token;
}
