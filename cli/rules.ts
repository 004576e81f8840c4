import { Command } from 'commander';

import { type AlertRule, alertRuleSchema, type KeptRule } from '../contracts/alert-rule.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { RuleTrial, TriedAlert } from '../contracts/rule-trial.ts';
import { readJsonFile } from './json-file.ts';
import { ofTenant, type OfTenantOptions, scopeOf } from './of-tenant.ts';
import { wholeNumber } from './options.ts';
import { printResult, table } from './output.ts';
import { withOperations } from './with-operations.ts';

/** The rules of detection: what is in force, and what a change would have done before it is made. */
export function rulesCommand(): Command {
  return new Command('rules')
    .description('the rules of detection by tenant, and what one would have done on the stored stream')
    .addCommand(listCommand())
    .addCommand(setCommand())
    .addCommand(removeCommand())
    .addCommand(testCommand())
    .addCommand(replayCommand());
}

const withTenant = (command: Command): Command => ofTenant(command, 'whose rules');

function listCommand(): Command {
  return withTenant(new Command('list').description('the rules in force')).action(
    async (options: OfTenantOptions) => {
      const items = await withOperations(options.dataDir, ({ rules }) => rules.list(scopeOf(options)));
      printResult({ items }, options, () =>
        table(
          ['rule', 'version', 'origin', 'severity', 'kind', 'enabled', 'title'],
          items.map(({ ruleId, version, origin, severity, detect, enabled, title }) => {
            return [ruleId, String(version), origin, severity, detect.kind, enabled ? 'yes' : 'no', title];
          }),
        ),
      );
    },
  );
}

function setCommand(): Command {
  return withTenant(
    new Command('set').argument('<file>', 'a rule as JSON').description('put a rule in force; - reads stdin'),
  ).action(async (file: string, options: OfTenantOptions) => {
    const rule = readRule(file);
    const kept: KeptRule = await withOperations(options.dataDir, ({ rules }) =>
      rules.set(scopeOf(options), rule),
    );
    printResult(kept, options, () => `${kept.ruleId} is in force as version ${kept.version}, within 5 s.`);
  });
}

function removeCommand(): Command {
  return withTenant(
    new Command('remove')
      .argument('<rule>')
      .description("take the tenant's rule away; a default one comes back"),
  ).action(async (ruleId: string, options: OfTenantOptions) => {
    await withOperations(options.dataDir, ({ rules }) => rules.remove(scopeOf(options), ruleId));
    printResult({ removed: ruleId }, options, () => `${ruleId} is taken away.`);
  });
}

function testCommand(): Command {
  return withTenant(
    new Command('test')
      .argument('<file>', 'a rule as JSON')
      .description('what a rule would have done on the stored stream; nothing is changed')
      .option('--hours <n>', 'so far back, as far as the log reaches', wholeNumber(1), 24),
  ).action(async (file: string, options: OfTenantOptions & { hours: number }) => {
    const rule = readRule(file);
    const trial = await withOperations(options.dataDir, ({ rules }) =>
      rules.test(scopeOf(options), rule, options.hours),
    );
    printResult(trial, options, () => wordsOf(trial));
  });
}

function replayCommand(): Command {
  return withTenant(
    new Command('replay')
      .argument('<rule>', 'the id of a rule in force')
      .description('what would be missing on the stored stream without a rule that is in force')
      .option('--hours <n>', 'so far back, as far as the log reaches', wholeNumber(1), 24),
  ).action(async (ruleId: string, options: OfTenantOptions & { hours: number }) => {
    const trial = await withOperations(options.dataDir, async ({ rules }) => {
      const found = (await rules.list(scopeOf(options))).find((rule) => rule.ruleId === ruleId);
      if (found === undefined) {
        throw new OpenFrameError(
          'NOT_FOUND',
          `No rule ${JSON.stringify(ruleId)} is in force: see rules list.`,
        );
      }
      const { version: _v, origin: _o, changedAtMs: _a, changedBy: _b, ...rule } = found;
      return rules.test(scopeOf(options), { ...rule, enabled: false }, options.hours);
    });
    printResult(trial, options, () => wordsOf(trial));
  });
}

function wordsOf(trial: RuleTrial): string {
  const { events, fromMs, toMs, alertsBefore, alertsAfter, gained, lost, missed } = trial;
  if (fromMs === null || toMs === null) return 'The log holds no event of that time.';
  const time = (ms: number): string => new Date(ms).toISOString();
  const list = (alerts: readonly TriedAlert[]): string =>
    table(
      ['score', 'severity', 'reports', 'hosts', 'first', 'title'],
      alerts.map((a) => [
        a.score.toFixed(1),
        a.severity,
        String(a.count),
        String(a.hosts),
        time(a.firstEventTimeMs),
        a.title,
      ]),
    );
  return [
    `${events} events from ${time(fromMs)} to ${time(toMs)}: ${alertsBefore} alerts now, ${alertsAfter} with the change.`,
    gained.length === 0 ? 'None would have come.' : `Would have come:\n${list(gained)}`,
    lost.length === 0 ? 'None would have gone.' : `Would have gone:\n${list(lost)}`,
    missed.length === 0
      ? 'No alert that somebody called useful would have been missed.'
      : `Called useful, and missed: ${missed.map(({ title }) => title).join('; ')}`,
  ].join('\n');
}

function readRule(file: string): AlertRule {
  return readJsonFile(file, alertRuleSchema, 'rule');
}
