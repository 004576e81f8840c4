import { Command } from 'commander';

import { agentCommand } from './agent.ts';
import { benchCommand } from './bench.ts';
import { connectCommand } from './connect.ts';
import { deadLettersCommand } from './dead-letters.ts';
import { doctorCommand } from './doctor.ts';
import { enginesCommand } from './engines.ts';
import { rebuildCommand } from './rebuild.ts';
import { replayCommand } from './replay.ts';
import { rulesCommand } from './rules.ts';
import { serviceCommand } from './service.ts';
import { simulateCommand } from './simulate.ts';
import { taxonomyCommand } from './taxonomy.ts';
import { tokenCommand } from './token.ts';
import { toolsCommand } from './tools.ts';
import { topologyCommand } from './topology.ts';
import { traceCommand } from './trace.ts';
import { upCommand } from './up.ts';
import { verifyCommand } from './verify.ts';

/** The `openframe` command. Wrong usage throws a `CommanderError`; a failed command throws what went wrong. */
export function createProgram(): Command {
  const program = new Command('openframe')
    .description('Watch the machines of all your customers: one platform, one stream of events.')
    .version('0.1.0')
    .showHelpAfterError('(openframe --help shows all commands)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  const commands = [
    upCommand(),
    serviceCommand(),
    enginesCommand(),
    agentCommand(),
    simulateCommand(),
    replayCommand(),
    tokenCommand(),
    deadLettersCommand(),
    traceCommand(),
    verifyCommand(),
    rebuildCommand(),
    topologyCommand(),
    benchCommand(),
    taxonomyCommand(),
    connectCommand(),
    toolsCommand(),
    rulesCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(withExitOverride(command));
  return program;
}

function withExitOverride(command: Command): Command {
  command.exitOverride();
  for (const sub of command.commands) withExitOverride(sub);
  return command;
}
