import { Command } from 'commander';

/** Each command comes with what it runs, and most need what no other needs: only the one that is asked for is loaded. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.ts')).upCommand(),
  service: async () => (await import('./service.ts')).serviceCommand(),
  engines: async () => (await import('./engines.ts')).enginesCommand(),
  agent: async () => (await import('./agent.ts')).agentCommand(),
  simulate: async () => (await import('./simulate.ts')).simulateCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  token: async () => (await import('./token.ts')).tokenCommand(),
  'dead-letters': async () => (await import('./dead-letters.ts')).deadLettersCommand(),
  trace: async () => (await import('./trace.ts')).traceCommand(),
  verify: async () => (await import('./verify.ts')).verifyCommand(),
  rebuild: async () => (await import('./rebuild.ts')).rebuildCommand(),
  topology: async () => (await import('./topology.ts')).topologyCommand(),
  bench: async () => (await import('./bench.ts')).benchCommand(),
  taxonomy: async () => (await import('./taxonomy.ts')).taxonomyCommand(),
  connect: async () => (await import('./connect.ts')).connectCommand(),
  tools: async () => (await import('./tools.ts')).toolsCommand(),
  rules: async () => (await import('./rules.ts')).rulesCommand(),
  windows: async () => (await import('./windows.ts')).windowsCommand(),
  notifications: async () => (await import('./notifications.ts')).notificationsCommand(),
  parents: async () => (await import('./parents.ts')).parentsCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
};

/**
 * The `openframe` command, with the subcommand of this name; with all of them where there is none of the name. Wrong
 * usage throws a `CommanderError`; a failed command throws what went wrong.
 */
export async function createProgram(name?: string): Promise<Command> {
  const program = new Command('openframe')
    .description('Watch the machines of all your customers: one platform, one stream of events.')
    .version('0.1.0')
    .showHelpAfterError('(openframe --help shows all commands)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  const known = name !== undefined && Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  for (const load of known === undefined ? Object.values(loaders) : [known]) {
    program.addCommand(withExitOverride(await load()));
  }
  return program;
}

function withExitOverride(command: Command): Command {
  command.exitOverride();
  for (const sub of command.commands) withExitOverride(sub);
  return command;
}
