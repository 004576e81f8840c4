import { Command } from 'commander';

import type { DeadLetter } from '../contracts/dead-letter.ts';
import type { DeadLetterFilter, DeadLetterReason, DeadLetterSender } from '../pipelines/dead-letter-store.ts';
import { dataDirOption, jsonOption, wholeNumber } from './options.ts';
import { printResult, table } from './output.ts';
import { withOperations } from './with-operations.ts';

interface FilterOptions {
  readonly dataDir: string;
  readonly tenant?: string;
  readonly stage?: string;
  readonly reason?: string;
  readonly sender?: string;
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
    .option('--sender <name>', "of this sender, such as a tool's server")
    .addOption(dataDirOption())
    .addOption(jsonOption());
}

function filterOf(options: FilterOptions): DeadLetterFilter {
  return {
    ...(options.tenant === undefined ? {} : { tenantId: options.tenant }),
    ...(options.stage === undefined ? {} : { stage: options.stage }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.sender === undefined ? {} : { sender: options.sender }),
  };
}

function listCommand(): Command {
  return withFilter(new Command('list').description('reasons with their counts, and the newest records'))
    .option('--limit <n>', 'at most so many records', wholeNumber(1), 20)
    .action(async (options: FilterOptions & { readonly limit: number }) => {
      const filter = filterOf(options);
      const found = await withOperations(options.dataDir, async ({ deadLetters }) => ({
        reasons: await deadLetters.reasons(filter),
        senders: await deadLetters.senders(filter),
        items: await deadLetters.list(filter, options.limit),
      }));
      printResult(found, options, () => listed(found));
    });
}

function listed({ reasons, senders, items }: Found): string {
  if (items.length === 0) return 'There are no dead letters.';
  const bySender = senders.map((s) => [s.topology, s.sender, s.count]);
  return [
    table(['topology', 'stage', 'reason', 'count'], reasons.map(reasonCells)),
    '',
    ...(senders.length === 0 ? [] : [table(['topology', 'sender', 'count'], bySender), '']),
    table(['id', 'tenant', 'sender', 'reason', 'error'], items.map(letterCells)),
  ].join('\n');
}

interface Found {
  readonly reasons: readonly DeadLetterReason[];
  readonly senders: readonly DeadLetterSender[];
  readonly items: readonly DeadLetter[];
}

function reasonCells({ topology, stage, reason, count }: DeadLetterReason): (string | number)[] {
  return [topology, stage, reason, count];
}

function letterCells({ deadLetterId, tenantId, sender, reason, error }: DeadLetter): string[] {
  return [deadLetterId, tenantId ?? '', sender ?? '', reason, error ?? ''];
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
      const reasons = report.reasons.map(reasonCells);
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
    ['sender', letter.sender ?? '(not known)'],
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
