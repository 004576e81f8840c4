import { Command, Option } from 'commander';

import { OpenFrameError } from '../contracts/errors.ts';
import { type ToolType, toolTypes } from '../contracts/event.ts';
import { dataDirOption, jsonOption, scopeOption, tenant, wholeNumber } from './options.ts';
import { printResult, shownScopes, table } from './output.ts';
import { withOperations } from './with-operations.ts';

interface Identity {
  readonly tool: ToolType;
  readonly server: string;
  readonly dataDir: string;
  readonly json?: boolean;
}

/** Which tools are connected, whose their events are, and which of our devices their agents are. */
export function toolsCommand(): Command {
  return new Command('tools')
    .description('whose the events of connected tools are, and which devices their agents are')
    .addCommand(listCommand())
    .addCommand(connectCommand())
    .addCommand(disconnectCommand())
    .addCommand(linkCommand())
    .addCommand(linksCommand());
}

function withIdentity(command: Command): Command {
  return command
    .addOption(new Option('--tool <tool>', 'which tool').choices(toolTypes).makeOptionMandatory())
    .requiredOption('--server <name>', "the connector's name of the server (Debezium's topic.prefix)")
    .addOption(dataDirOption())
    .addOption(jsonOption());
}

function listCommand(): Command {
  return new Command('list')
    .description('the connections')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (options: Pick<Identity, 'dataDir' | 'json'>) => {
      const items = await withOperations(options.dataDir, ({ tools }) => tools.connections());
      printResult({ items }, options, () =>
        items.length === 0
          ? 'No tool is connected.'
          : table(
              ['tool', 'server', 'tenant', 'scopes'],
              items.map(({ tool, server, tenantId, scopes }) => [
                tool,
                server,
                tenantId ?? '',
                shownScopes(scopes),
              ]),
            ),
      );
    });
}

function connectCommand(): Command {
  return withIdentity(new Command('connect').description('say whose the events of a server are'))
    .option('--tenant <tenant>', 'whose all of them are, or those that name no scope', tenant)
    .addOption(scopeOption())
    .action(async (options: Identity & { tenant?: string; scope: Record<string, string> }) => {
      const { tool, server, scope: scopes } = options;
      if (options.tenant === undefined && Object.keys(scopes).length === 0) {
        throw new OpenFrameError('ARGUMENT_INVALID', 'Name a tenant with --tenant, with --scope, or both.');
      }
      const connection = { tool, server, tenantId: options.tenant ?? null, scopes };
      await withOperations(options.dataDir, ({ tools }) => tools.connect(connection));
      printResult(
        connection,
        options,
        () => `${tool} ${server} is connected. What came before waits in the dead letters.`,
      );
    });
}

function disconnectCommand(): Command {
  return withIdentity(
    new Command('disconnect').description('its events go to the dead letters from then on'),
  ).action(async (options: Identity) => {
    const { tool, server } = options;
    const removed = await withOperations(options.dataDir, ({ tools }) => tools.disconnect({ tool, server }));
    printResult({ removed }, options, () => (removed ? 'It is disconnected.' : 'It was not connected.'));
  });
}

function linkCommand(): Command {
  return withIdentity(
    new Command('link').description("say which device a tool's agent is; moves it where it was another"),
  )
    .requiredOption('--agent <id>', "the tool's id of the device")
    .requiredOption('--tenant <tenant>', 'whose the device is', tenant)
    .requiredOption('--device <id>', 'our id of the device')
    .action(async (options: Identity & { agent: string; tenant: string; device: string }) => {
      const { tool, server, agent, tenant: tenantId, device: deviceId } = options;
      const link = await withOperations(options.dataDir, ({ tools }) =>
        tools.link({ tool, server }, agent, { tenantId, deviceId }),
      );
      printResult(link, options, () => `${agent} is ${deviceId} of ${tenantId}.`);
    });
}

function linksCommand(): Command {
  return new Command('links')
    .description("the tools' ids of a tenant's devices, and what each was before")
    .requiredOption('--tenant <tenant>', 'whose devices', tenant)
    .option('--limit <n>', 'at most so many', wholeNumber(1), 100)
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (options: { tenant: string; limit: number; dataDir: string; json?: boolean }) => {
      const { tenant: tenantId, limit } = options;
      const items = await withOperations(options.dataDir, ({ tools }) =>
        tools.links({ tenantId }, { limit }),
      );
      printResult({ items }, options, () =>
        table(
          ['tool', 'server', 'agent', 'device', 'since', 'before'],
          items.map((link) => [
            link.tool,
            link.server,
            link.agentId,
            link.deviceId,
            new Date(link.sinceMs).toISOString(),
            link.history.map(({ deviceId }) => deviceId).join(' '),
          ]),
        ),
      );
    });
}
