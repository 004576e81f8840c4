import { Command } from 'commander';

import { benchCapacityCommand } from './bench-capacity.ts';
import { benchCompareCommand } from './bench-compare.ts';
import { benchDetectCommand } from './bench-detect.ts';
import { benchPeersCommand } from './bench-peers.ts';
import { benchRunCommand } from './bench-run.ts';
import { benchScenariosCommand } from './bench-scenarios.ts';
import { benchSteadyCommand } from './bench-steady.ts';
import { benchTriageCommand } from './bench-triage.ts';

export function benchCommand(): Command {
  return new Command('bench')
    .description('throughput and latency, detection and triage: measured, and compared')
    .addCommand(benchRunCommand())
    .addCommand(benchCompareCommand())
    .addCommand(benchPeersCommand())
    .addCommand(benchSteadyCommand())
    .addCommand(benchCapacityCommand())
    .addCommand(benchDetectCommand())
    .addCommand(benchScenariosCommand())
    .addCommand(benchTriageCommand());
}
