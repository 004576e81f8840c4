import { Command } from 'commander';

import type { DeadLetter } from '../contracts/dead-letter.ts';
import type { DeadLetterFilter } from '../pipelines/dead-letter-store.ts';
import { dataDirOption, jsonOption, wholeNumber } from './options.ts';
import { printResult, table } from './output.ts';
import { withOperations } from './with-operations.ts';

interface FilterOptions {
  readonly dataDir: string;
  readonly tenant?: string;
  readonly stage?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

interface ReplayFlags extends FilterOptions {
  readonly dryRun?: boolean;
  readonly maxReplays: number;
  readonly rate: number;
}

export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .description('what could not be processed: list it, look at one, send it again')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(replayCommand());
}

function withFilter(command: Command): Command {
  return command
    .option('--tenant <tenant>', 'of this tenant')
    .option('--stage <stage>', 'of this stage')
    .option('--reason <text>', 'whose reason starts so')
    .addOption(dataDirOption())
    .addOption(jsonOption());
}

function filterOf(options: FilterOptions): DeadLetterFilter {
  return {
    ...(options.tenant === undefined ? {} : { tenantId: options.tenant }),
    ...(options.stage === undefined ? {} : { stage: options.stage }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
}

function listCommand(): Command {
  return withFilter(new Command('list').description('reasons with their counts, and the newest records'))
    .option('--limit <n>', 'at most so many records', wholeNumber(1), 20)
    .action(async (options: FilterOptions & { readonly limit: number }) => {
      const filter = filterOf(options);
      const found = await withOperations(options.dataDir, async ({ deadLetters }) => ({
        reasons: await deadLetters.reasons(filter),
        items: await deadLetters.list(filter, options.limit),
      }));
      printResult(found, options, () => {
        if (found.items.length === 0) return 'There are no dead letters.';
        const reasons = found.reasons.map((r) => [r.topology, r.stage, r.reason, r.count]);
        const items = found.items.map((letter) => [
          letter.deadLetterId,
          letter.tenantId ?? '',
          letter.reason,
          letter.error ?? '',
        ]);
        return [
          table(['topology', 'stage', 'reason', 'count'], reasons),
          '',
          table(['id', 'tenant', 'reason', 'error'], items),
        ].join('\n');
      });
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('one dead letter with its bytes')
    .argument('<id>', 'its id')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (id: string, options: FilterOptions) => {
      const letter = await withOperations(options.dataDir, ({ deadLetters }) => deadLetters.show(id));
      printResult(letter, options, () => describe(letter));
    });
}

function replayCommand(): Command {
  return withFilter(new Command('replay').description('send them through again, once what failed is mended'))
    .argument('[id...]', 'these alone')
    .option('--dry-run', 'say what would be sent, send nothing')
    .option('--max-replays <n>', 'leave alone what already failed so often', wholeNumber(1), 3)
    .option('--rate <n>', 'at most so many a second', wholeNumber(1), 500)
    .action(async (ids: string[], options: ReplayFlags) => {
      const filter = { ...filterOf(options), ...(ids.length === 0 ? {} : { ids }) };
      const { dryRun = false, maxReplays, rate: ratePerSecond } = options;
      const report = await withOperations(options.dataDir, ({ deadLetters }) =>
        deadLetters.replay(filter, { dryRun, maxReplays, ratePerSecond }),
      );
      const verb = dryRun ? 'would be sent again' : 'sent again';
      const reasons = report.reasons.map((r) => [r.topology, r.stage, r.reason, r.count]);
      printResult(report, options, () =>
        [
          ...(reasons.length === 0 ? [] : [table(['topology', 'stage', 'reason', 'count'], reasons), '']),
          `${report.replayed} ${verb}, ${report.refused} left alone: they failed ${maxReplays} times already.`,
        ].join('\n'),
      );
    });
}

function describe(letter: DeadLetter): string {
  const value = letter.value === null ? null : Buffer.from(letter.value, 'base64');
  const facts = [
    ['id', letter.deadLetterId],
    ['tenant', letter.tenantId ?? '(not known)'],
    ['stage', `${letter.topology} / ${letter.stage}`],
    ['reason', letter.reason],
    ['error', letter.error ?? ''],
    ['from', `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
    ['at', new Date(letter.deadLetteredAtMs).toISOString()],
    ['replays', String(letter.replays)],
    ['key', letter.key],
    ...Object.entries(letter.headers).map(([name, text]) => [`header ${name}`, text]),
  ];
  const body = value === null ? '(none)' : JSON.stringify(value.toString('utf8'));
  return `${table(['', ''], facts)}\n\nvalue (${value?.length ?? 0} bytes)\n${body}`;
}
