import { randomInt } from 'node:crypto';
import { Command } from 'commander';

import { createAgent } from '../agent/agent.ts';
import { createSystemClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { jsonOption } from './options.ts';
import { note, printResult } from './output.ts';

interface AgentOptions {
  readonly server: string;
  readonly token: string;
  readonly stateDir: string;
  readonly organizationId?: string;
  readonly organizationName?: string;
  readonly json?: boolean;
}

export function agentCommand(): Command {
  return new Command('agent')
    .description("report this machine's real telemetry until stopped")
    .requiredOption('--server <url>', "the platform's address")
    .requiredOption('--token <token>', 'an agent token (openframe token --role agent)')
    .option('--state-dir <folder>', 'where identity, cursors and the spool are kept', '.openframe-agent')
    .option('--organization-id <id>', 'the customer this machine belongs to')
    .option('--organization-name <name>', "the customer's name")
    .addOption(jsonOption())
    .action(async (options: AgentOptions) => {
      const agent = createAgent({
        serverUrl: options.server,
        token: options.token,
        stateDir: options.stateDir,
        ...(options.organizationId === undefined ? {} : { organizationId: options.organizationId }),
        ...(options.organizationName === undefined ? {} : { organizationName: options.organizationName }),
        clock: createSystemClock(),
        random: createRandom(randomInt(2 ** 32)),
        logger: { info: (_fields, message) => note(message), warn: (_fields, message) => note(message) },
      });
      const stopping = new AbortController();
      process.once('SIGINT', () => stopping.abort());
      process.once('SIGTERM', () => stopping.abort());
      const summary = await agent.run(stopping.signal);
      printResult(summary, options, () => JSON.stringify(summary));
    });
}
