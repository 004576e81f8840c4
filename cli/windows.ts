import { Command } from 'commander';

import { nextTimes } from '../alerting/windows/next-times.ts';
import {
  type KeptWindow,
  maintenanceWindowSchema,
  type PlannedWindow,
} from '../contracts/maintenance-window.ts';
import { createSystemClock } from '../streams/clock.ts';
import { readJsonFile } from './json-file.ts';
import { ofTenant, type OfTenantOptions, scopeOf } from './of-tenant.ts';
import { jsonOption, wholeNumber } from './options.ts';
import { printResult, table } from './output.ts';
import { withOperations } from './with-operations.ts';

const timesListed = 3;

/** When trouble is expected, by tenant: planned, looked at before, ended and taken away. */
export function windowsCommand(): Command {
  return new Command('windows')
    .description('maintenance windows by tenant: what is reported within one pages nobody')
    .addCommand(listCommand())
    .addCommand(setCommand())
    .addCommand(endCommand())
    .addCommand(removeCommand())
    .addCommand(previewCommand());
}

const withTenant = (command: Command): Command => ofTenant(command, 'whose windows');

function listCommand(): Command {
  return withTenant(new Command('list').description('the windows with their next times')).action(
    async (options: OfTenantOptions) => {
      const windows = await withOperations(options.dataDir, (of) => of.windows.list(scopeOf(options)));
      const items = windows.map((window) => ({ ...window, times: timesOf(window, timesListed) }));
      printResult({ items }, options, () =>
        table(
          ['window', 'version', 'of', 'recurrence', 'next', 'title'],
          items.map((window) => {
            const { windowId, version, recurrence = 'once', times, title } = window;
            return [windowId, version, aboutOf(window), recurrence, wordsOf(times[0]), title];
          }),
        ),
      );
    },
  );
}

function setCommand(): Command {
  return withTenant(
    new Command('set')
      .argument(
        '<file>',
        'a window as JSON, such as {"windowId": "x", "title": "Patches", "start": "2026-02-05T22:00:00", "durationMs": 7200000}',
      )
      .description('plan a window, or change one; - reads stdin'),
  ).action(async (file: string, options: OfTenantOptions) => {
    const window = readJsonFile(file, maintenanceWindowSchema, 'maintenance window');
    const kept = await withOperations(options.dataDir, (of) => of.windows.set(scopeOf(options), window));
    const times = timesOf(kept, timesListed);
    printResult({ ...kept, times }, options, () => {
      return `${kept.windowId} is planned as version ${kept.version}, within 5 s. Next: ${wordsOf(times[0])}.`;
    });
  });
}

function endCommand(): Command {
  return withTenant(
    new Command('end').argument('<window>').description('end the time that goes on; later ones stay planned'),
  ).action(async (windowId: string, options: OfTenantOptions) => {
    const kept = await withOperations(options.dataDir, (of) => of.windows.end(scopeOf(options), windowId));
    printResult(kept, options, () => `${windowId} is over for now: what is still bad is shown.`);
  });
}

function removeCommand(): Command {
  return withTenant(
    new Command('remove').argument('<window>').description('take a window away; what is still bad is shown'),
  ).action(async (windowId: string, options: OfTenantOptions) => {
    await withOperations(options.dataDir, (of) => of.windows.remove(scopeOf(options), windowId));
    printResult({ removed: windowId }, options, () => `${windowId} is taken away.`);
  });
}

/** Needs no platform: what would be planned stands in the file. */
function previewCommand(): Command {
  return new Command('preview')
    .argument('<file>', 'a window as JSON; - reads stdin')
    .description('when a window would be; nothing is changed')
    .option('--times <n>', 'so many', wholeNumber(1), 5)
    .addOption(jsonOption())
    .action((file: string, options: { readonly times: number; readonly json?: boolean }) => {
      const window = readJsonFile(file, maintenanceWindowSchema, 'maintenance window');
      const times = timesOf(window, options.times);
      printResult({ windowId: window.windowId, times }, options, () =>
        times.length === 0 ? 'It is over: it never is again.' : times.map(wordsOf).join('\n'),
      );
    });
}

interface WindowTime {
  readonly start: string;
  readonly end: string;
}

function timesOf(window: PlannedWindow, count: number): readonly WindowTime[] {
  return nextTimes(window, createSystemClock().nowMs(), count).map(({ startMs, endMs }) => {
    return { start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() };
  });
}

function wordsOf(time: WindowTime | undefined): string {
  return time === undefined ? 'never again' : `${time.start} to ${time.end}`;
}

function aboutOf({ deviceIds, organizationIds, ruleIds }: KeptWindow): string {
  const parts = [
    ...(deviceIds === undefined ? [] : [`${deviceIds.length} devices`]),
    ...(organizationIds === undefined ? [] : [`${organizationIds.length} organizations`]),
    ...(ruleIds === undefined ? [] : [`${ruleIds.length} rules`]),
  ];
  return parts.length === 0 ? 'the whole tenant' : parts.join(', ');
}
