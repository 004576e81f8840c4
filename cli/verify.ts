import { Command } from 'commander';

import type { VerifyReport } from '../pipelines/verify.ts';
import { dataDirOption, jsonOption, parseDuration } from './options.ts';
import { exitCodes, note, printResult, table } from './output.ts';
import { withOperations } from './with-operations.ts';

interface VerifyCommandOptions {
  readonly dataDir: string;
  readonly wait: number;
  readonly json?: boolean;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('compare what was accepted with what each store holds: lost, duplicated, by tenant')
    .addOption(dataDirOption())
    .option('--wait <duration>', 'how long to wait for what is under way', parseDuration, 60_000)
    .addOption(jsonOption())
    .action(async (options: VerifyCommandOptions) => {
      const report = await withOperations(options.dataDir, (operations, running) =>
        operations.verify({ waitMs: running ? options.wait : 0, onProgress: note }),
      );
      printResult(report, options, () => describe(report));
      if (report.verdict === 'FAILED') process.exitCode = exitCodes.failed;
      if (report.verdict === 'PENDING') process.exitCode = exitCodes.invalid;
    });
}

const meanings: Readonly<Record<VerifyReport['verdict'], string>> = {
  OK: 'every accepted event is in each store exactly once, or in the dead letters',
  FAILED: 'events are lost or doubled',
  PENDING: 'not everything accepted was processed yet: verify again, with a longer --wait',
};

function describe(report: VerifyReport): string {
  const rows = report.tenants.map((t) => [
    t.tenantId,
    t.accepted,
    t.deadLettered,
    t.eventLog.stored,
    t.eventLog.lost,
    t.eventLog.duplicated,
    t.analytics.stored,
    t.analytics.lost,
    t.analytics.duplicated,
  ]);
  const header = [
    'tenant',
    'accepted',
    'dead',
    'event log',
    'lost',
    'doubled',
    'analytics',
    'lost',
    'doubled',
  ];
  const total = `accepted ${report.accepted}, lost ${report.lost}, duplicated ${report.duplicated}`;
  return `${table(header, rows)}\n\n${report.verdict}: ${total} (${meanings[report.verdict]})`;
}
