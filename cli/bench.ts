import { Command } from 'commander';

import { benchTriageCommand } from './bench-triage.ts';

export function benchCommand(): Command {
  return new Command('bench')
    .description('measure detection and triage on data of your own')
    .addCommand(benchTriageCommand());
}
