import { Argument, Command } from 'commander';

import { type RebuildReport, type RebuildTarget, rebuildTargets } from '../pipelines/rebuild.ts';
import { dataDirOption, jsonOption } from './options.ts';
import { note, printResult } from './output.ts';
import { createProgress } from './progress.ts';
import { withOperations } from './with-operations.ts';

interface RebuildCommandOptions {
  readonly dataDir: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('make one store anew from the log; try it with --dry-run first')
    .addArgument(new Argument('<target>', 'which').choices(rebuildTargets))
    .option('--dry-run', 'say what would be read and written, write nothing')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (target: RebuildTarget, options: RebuildCommandOptions) => {
      const report = await rebuild(target, options);
      printResult(report, options, () => describe(report));
    });
}

function rebuild(
  target: RebuildTarget,
  { dataDir, dryRun = false }: RebuildCommandOptions,
): Promise<RebuildReport> {
  return withOperations(dataDir, async (operations) => {
    note(`${dryRun ? 'Looking at' : 'Rebuilding'} ${target}.`);
    using progress = createProgress('rebuilding', 100);
    return await operations.rebuild(target, {
      dryRun,
      onProgress: ({ records, expected }) =>
        progress.update((100 * records) / Math.max(1, expected), `${records} of about ${expected} records`),
    });
  });
}

function describe(report: RebuildReport): string {
  const { target, dryRun, records, oldestMs, rejected, elapsedMs, remark } = report;
  const since = oldestMs === null ? '' : `, the oldest of ${new Date(oldestMs).toISOString()}`;
  const refused = rejected === 0 ? '' : ` ${rejected} were refused, as before.`;
  const time = dryRun ? 'Nothing was written.' : `It took ${(elapsedMs / 1000).toFixed(1)} s.`;
  return `${target}: ${records.toLocaleString('en-US')} records${since}. ${remark}${refused} ${time}`;
}
