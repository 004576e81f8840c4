import { Command } from 'commander';

import { deviceParentSchema } from '../contracts/device-parent.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { ofTenant, type OfTenantOptions, scopeOf } from './of-tenant.ts';
import { printResult, table } from './output.ts';
import { withOperations } from './with-operations.ts';

/** Which devices depend on which. */
export function parentsCommand(): Command {
  return new Command('parents')
    .description('which devices depend on which: a silent parent is told of once, its devices under it')
    .addCommand(listCommand())
    .addCommand(setCommand())
    .addCommand(removeCommand());
}

const withTenant = (command: Command): Command => ofTenant(command, 'whose devices');

function listCommand(): Command {
  return withTenant(new Command('list').description('each parent with its devices')).action(
    async (options: OfTenantOptions) => {
      const items = await withOperations(options.dataDir, ({ parents }) => parents.list(scopeOf(options)));
      printResult({ items }, options, () =>
        table(
          ['parent', 'devices'],
          items.map(({ parentId, deviceIds }) => [parentId, deviceIds.join(' ')]),
        ),
      );
    },
  );
}

function setCommand(): Command {
  return withTenant(
    new Command('set')
      .argument('<parent>', 'the id of the device that others depend on')
      .argument('<device...>', 'the ids of those that do, in the place of those before')
      .description('say which devices depend on one'),
  ).action(async (parentId: string, deviceIds: string[], options: OfTenantOptions) => {
    const parsed = deviceParentSchema.safeParse({ parentId, deviceIds });
    if (!parsed.success)
      throw new OpenFrameError('ARGUMENT_INVALID', `The devices: ${parsed.error.issues[0]?.message ?? ''}.`);
    const kept = await withOperations(options.dataDir, ({ parents }) =>
      parents.set(scopeOf(options), parsed.data),
    );
    printResult(
      kept,
      options,
      () => `${kept.deviceIds.length} devices depend on ${kept.parentId}, within 5 s.`,
    );
  });
}

function removeCommand(): Command {
  return withTenant(
    new Command('remove').argument('<parent>').description('let nothing depend on a device'),
  ).action(async (parentId: string, options: OfTenantOptions) => {
    await withOperations(options.dataDir, ({ parents }) => parents.remove(scopeOf(options), parentId));
    printResult({ removed: parentId }, options, () => `Nothing depends on ${parentId} any more.`);
  });
}
