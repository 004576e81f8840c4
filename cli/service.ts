import { Argument, Command, InvalidArgumentError, Option } from 'commander';

import { OpenFrameError } from '../contracts/errors.ts';
import { type RoleName, roleNames, type SinkName, sinkNames } from '../services/role-names.ts';
import { runService } from '../services/service.ts';
import { jsonOption } from './options.ts';

interface ServiceCommandOptions {
  readonly only?: readonly SinkName[];
  readonly port?: string;
  readonly wait: boolean;
}

export function serviceCommand(): Command {
  return new Command('service')
    .description('one role on the real engines; run as many of each as wanted')
    .addArgument(new Argument('<role>', 'which').choices(roleNames))
    .addOption(
      new Option('--only <sinks>', 'for sink: these alone, with commas').argParser((text) => sinksOf(text)),
    )
    .addOption(new Option('--port <port>', 'HTTP port; 0 takes a free one').env('OPENFRAME_PORT'))
    .option('--no-wait', 'end at once where an engine does not answer')
    .addOption(jsonOption())
    .action(async (role: RoleName, options: ServiceCommandOptions) => {
      if (options.only !== undefined && role !== 'sink') {
        throw new OpenFrameError(
          'ARGUMENT_INVALID',
          '--only chooses among the sinks: give it to the role sink.',
        );
      }
      const { only, port, wait } = options;
      await runService({
        role,
        wait,
        ...(only === undefined ? {} : { only }),
        ...(port === undefined ? {} : { port }),
      });
    });
}

function sinksOf(text: string): readonly SinkName[] {
  return text.split(',').map((part) => {
    const name = sinkNames.find((known) => known === part.trim());
    if (name !== undefined) return name;
    throw new InvalidArgumentError(`There is no sink '${part}'. There are: ${sinkNames.join(', ')}.`);
  });
}
