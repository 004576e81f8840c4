import { Argument, Command, Option } from 'commander';

import { OpenFrameError } from '../contracts/errors.ts';
import { type ConnectorKind, connectorKinds } from '../integrations/tool-reader.ts';
import type { ConnectorView } from '../services/connector-operations.ts';
import type { Operations } from '../services/operations.ts';
import { dataDirOption, jsonOption, parseDuration, scopeOption, tenant } from './options.ts';
import { note, printResult, shownScopes, table } from './output.ts';
import { createProgress } from './progress.ts';
import { inFile, readSecret } from './secret-input.ts';
import { withOperations } from './with-operations.ts';

interface Common {
  readonly dataDir: string;
  readonly json?: boolean;
}

interface ConnectOptions extends Common {
  readonly url: string;
  readonly user?: string;
  readonly server?: string;
  readonly tenant?: string;
  readonly scope: Record<string, string>;
  readonly secretFile?: string;
  readonly ca?: string;
  readonly since: number;
  readonly every: number;
  readonly wait: boolean;
}

const tools = {
  fleet: { title: 'Fleet', secret: 'API token', needsUser: false },
  meshcentral: { title: 'MeshCentral', secret: 'password', needsUser: true },
  tactical: { title: 'Tactical RMM', secret: 'API key', needsUser: false },
} as const satisfies Record<ConnectorKind, object>;

/** So long the command watches the first reading; it goes on without it. */
const watchMs = 30_000;
const askEveryMs = 250;

/** Reads the events of other tools by their own interfaces. */
export function connectCommand(): Command {
  const command = new Command('connect').description('read the events of another tool by its own interface');
  for (const kind of connectorKinds) command.addCommand(kindCommand(kind));
  return command.addCommand(listCommand()).addCommand(statusCommand()).addCommand(removeCommand());
}

function kindCommand(kind: ConnectorKind): Command {
  const { title, secret, needsUser } = tools[kind];
  const command = new Command(kind)
    .description(`sign in to ${title} and read its events from then on`)
    .requiredOption('--url <address>', 'where it answers, https://…')
    .option('--tenant <tenant>', 'whose all of its events are, or those that name no scope', tenant)
    .addOption(scopeOption())
    .option('--secret-file <file>', `file with the ${secret}; - is standard input; else it is asked for`)
    .option('--server <name>', 'what it is called in events; without it, host and port of the address')
    .option('--ca <file>', 'certificates (PEM) to trust besides those that Node knows')
    .addOption(
      new Option('--since <duration>', 'how far back the first reading goes')
        .argParser(parseDuration)
        .default(86_400_000, '1d'),
    )
    .addOption(
      new Option('--every <duration>', 'the longest pause between two readings')
        .argParser(parseDuration)
        .default(30_000, '30s'),
    )
    .option('--no-wait', 'do not watch the first reading')
    .addOption(dataDirOption())
    .addOption(jsonOption());
  if (needsUser) command.requiredOption('--user <name>', 'who signs in: an account, or a login token (~t:…)');
  return command.action((options: ConnectOptions) => connect(kind, options));
}

async function connect(kind: ConnectorKind, options: ConnectOptions): Promise<void> {
  const { title, secret: secretName } = tools[kind];
  const { url, tenant: tenantId = null, scope: scopes } = options;
  const name = { kind, server: options.server ?? serverOf(url) };
  const secret = await readSecret(options.secretFile, `${secretName} for ${url}`);
  const ca = options.ca === undefined ? null : await inFile(options.ca);
  note(`Signing in to ${title} at ${url} …`);
  const connected = await withOperations(options.dataDir, async ({ connectors }, running) => {
    const { user = '', since: backMs, every: pollMs } = options;
    const view = await connectors.connect({
      ...name,
      ...{ url, user, secret, ca, backMs, pollMs, tenantId, scopes },
    });
    if (view.status.remark !== null) note(view.status.remark);
    return running && options.wait ? watched(connectors, view) : view;
  });
  printResult(connected, options, () => sentence(connected));
}

function serverOf(url: string): string {
  const host = URL.parse(url)?.host.replaceAll(/[[\]]/g, '') ?? '';
  if (host !== '') return host;
  throw new OpenFrameError(
    'ARGUMENT_INVALID',
    `${JSON.stringify(url.slice(0, 200))} is no address: write https://host.`,
  );
}

/** Follows the first reading until it has caught up, failed, or takes longer than one waits. */
async function watched(connectors: Operations['connectors'], view: ConnectorView): Promise<ConnectorView> {
  using progress = createProgress('First reading', 1);
  const startMs = Date.now();
  for (;;) {
    const items = await connectors.list();
    const now = items.find(({ kind, server }) => kind === view.kind && server === view.server) ?? view;
    const isRead = (now.status.caughtUpMs ?? 0) > (view.status.caughtUpMs ?? 0);
    progress.update(isRead ? 1 : 0, `${now.status.events} events`);
    if (isRead || now.status.fault !== null || Date.now() - startMs > watchMs) return now;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}

function sentence({ kind, server, status }: ConnectorView): string {
  const { title } = tools[kind];
  if (status.fault !== null) return `${title} ${server} is connected, but: ${status.fault.message}`;
  const how =
    status.caughtUpMs === null ? 'It is read while the platform runs.' : `${status.events} events were read.`;
  return `${title} ${server} is connected as ${status.account ?? ''}. ${how}`;
}

function listCommand(): Command {
  return new Command('list')
    .description('the tools that are read')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (options: Common) => {
      const items = await withOperations(options.dataDir, ({ connectors }) => connectors.list());
      printResult({ items }, options, () =>
        items.length === 0
          ? 'No tool is read. Connect one with openframe connect fleet, meshcentral or tactical.'
          : table(
              ['tool', 'server', 'url', 'tenant', 'scopes', 'state', 'events'],
              items.map(({ kind, server, url, tenantId, scopes, status }) => [
                ...[kind, server, url, tenantId ?? '', shownScopes(scopes), status.state],
                status.events,
              ]),
            ),
      );
    });
}

function named(command: Command): Command {
  return command
    .addArgument(new Argument('<tool>', 'which').choices(connectorKinds))
    .addArgument(new Argument('<server>', 'its name, as connect list shows it'))
    .addOption(dataDirOption())
    .addOption(jsonOption());
}

function statusCommand(): Command {
  return named(new Command('status').description('how reading a tool goes')).action(
    async (kind: ConnectorKind, server: string, options: Common) => {
      const items = await withOperations(options.dataDir, ({ connectors }) => connectors.list());
      const found = items.find((one) => one.kind === kind && one.server === server);
      if (found === undefined) throw notConnected(kind, server);
      printResult(found, options, () => statusText(found));
    },
  );
}

function statusText({ url, status }: ConnectorView): string {
  const at = (ms: number | null): string => (ms === null ? 'never' : new Date(ms).toISOString());
  const lines = [
    ['address', url],
    ['account', status.account ?? ''],
    ['state', status.state],
    ['events', status.events.toLocaleString('en-US')],
    ['last event', at(status.lastEventMs)],
    ['caught up', at(status.caughtUpMs)],
    ...(status.remark === null ? [] : [['remark', status.remark]]),
    ...(status.fault === null ? [] : [['fault', `${status.fault.code}: ${status.fault.message}`]]),
  ];
  return lines.map(([name = '', value = '']) => `${name.padEnd(12)}${value}`).join('\n');
}

function removeCommand(): Command {
  return named(
    new Command('remove').description('read it no more, and forget its secret and how far it was read'),
  ).action(async (kind: ConnectorKind, server: string, options: Common) => {
    const removed = await withOperations(options.dataDir, ({ connectors }) =>
      connectors.remove({ kind, server }),
    );
    if (!removed) throw notConnected(kind, server);
    printResult(
      { removed },
      options,
      () => `${tools[kind].title} ${server} is read no more. Its events stay.`,
    );
  });
}

function notConnected(kind: ConnectorKind, server: string): OpenFrameError {
  return new OpenFrameError(
    'NOT_FOUND',
    `${tools[kind].title} ${server} is not connected: see openframe connect list.`,
  );
}
