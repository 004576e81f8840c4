import { Command } from 'commander';

import { type Notification, notificationTargetSchema } from '../contracts/notification.ts';
import { readJsonFile } from './json-file.ts';
import { ofTenant, type OfTenantOptions, scopeOf } from './of-tenant.ts';
import { printResult, table } from './output.ts';
import { withOperations } from './with-operations.ts';

/** Where the incidents of a tenant are told of, and what was told. */
export function notificationsCommand(): Command {
  return new Command('notifications')
    .description('where the incidents of a tenant are told of: webhooks and mailboxes, and how each try went')
    .addCommand(listCommand())
    .addCommand(targetsCommand())
    .addCommand(setCommand())
    .addCommand(removeCommand())
    .addCommand(testCommand());
}

const withTenant = (command: Command): Command => ofTenant(command, 'whose notifications');

function listCommand(): Command {
  return withTenant(new Command('list').description('the newest 200 notifications with their tries')).action(
    async (options: OfTenantOptions) => {
      const items = await withOperations(options.dataDir, ({ notifications }) =>
        notifications.list(scopeOf(options)),
      );
      printResult({ items }, options, () =>
        table(['made', 'target', 'state', 'tries', 'last answer', 'title'], items.map(rowOf)),
      );
    },
  );
}

function rowOf({ createdMs, targetId, state, attempts, title }: Notification): string[] {
  const last = attempts.at(-1);
  const answer = last === undefined ? '' : (last.error ?? String(last.status));
  return [new Date(createdMs).toISOString(), targetId, state, String(attempts.length), answer, title];
}

function targetsCommand(): Command {
  return withTenant(new Command('targets').description('the webhooks and mailboxes')).action(
    async (options: OfTenantOptions) => {
      const items = await withOperations(options.dataDir, ({ notifications }) =>
        notifications.targets(scopeOf(options)),
      );
      printResult({ items }, options, () =>
        table(
          ['target', 'kind', 'where', 'least score', 'enabled'],
          items.map(({ targetId, kind, url, address, minScore, enabled }) => {
            return [targetId, kind, url ?? address ?? '', minScore, enabled ? 'yes' : 'no'];
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
        'a target as JSON, such as {"targetId": "x", "kind": "email", "address": "a@b.example"}',
      )
      .description('tell a webhook or a mailbox of incidents; - reads stdin'),
  ).action(async (file: string, options: OfTenantOptions) => {
    const target = readJsonFile(file, notificationTargetSchema, 'notification target');
    const kept = await withOperations(options.dataDir, ({ notifications }) =>
      notifications.set(scopeOf(options), target),
    );
    printResult(kept, options, () =>
      kept.secret === null
        ? `${kept.targetId} is told from now on.`
        : `${kept.targetId} is told from now on. Its secret, shown this once: ${kept.secret}`,
    );
  });
}

function removeCommand(): Command {
  return withTenant(new Command('remove').argument('<target>').description('tell a target no more')).action(
    async (targetId: string, options: OfTenantOptions) => {
      await withOperations(options.dataDir, ({ notifications }) =>
        notifications.remove(scopeOf(options), targetId),
      );
      printResult({ removed: targetId }, options, () => `${targetId} is told no more.`);
    },
  );
}

function testCommand(): Command {
  return withTenant(
    new Command('test').argument('<target>').description('tell a target that this is a test'),
  ).action(async (targetId: string, options: OfTenantOptions) => {
    const notification = await withOperations(options.dataDir, ({ notifications }) =>
      notifications.test(scopeOf(options), targetId),
    );
    printResult(
      notification,
      options,
      () => `It is sent as ${notification.notificationId}: see notifications list for how it went.`,
    );
  });
}
