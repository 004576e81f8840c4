import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

import { streamedAlert } from '../../stores/alert.fixture.ts';
import { createAlertRegistry } from '../../stores/alert-registry.ts';
import { createEmbeddedDocuments } from '../../stores/embedded/documents.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createTempFolder } from '../../tests/support/temp-folder.ts';
import { openNotifications, savingAndNoting } from '../notifications.ts';
import { openSmtpServer } from './smtp-server.fixture.ts';

const admin = { tenantId: 'acme', tokenId: 't', role: 'admin' } as const;
const program = fileURLToPath(new URL('notifier-child.fixture.ts', import.meta.url));
/** Longer than a try is waited for whose taker says nothing. */
const laterMs = 120_000;

it('is the same mail again when the process is killed between the send and the record of it', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder());
  const path = join(folder.path, 'documents.db');
  const documents = stack.use(createEmbeddedDocuments({ path }));
  const clock = createSystemClock();
  const alerts = createAlertRegistry({ documents, clock });
  const { targets, outbox } = openNotifications(documents, alerts, clock);
  const target = { targetId: 'on-call', kind: 'email', address: 'on-call@msp.example' } as const;
  await targets.set(admin, 'on-call', { ...target, minSeverity: 'WARNING', minScore: 0, enabled: true });
  await savingAndNoting(alerts, outbox).save([streamedAlert(3)]);

  const running: { child?: ChildProcess } = {};
  // The mail is there and its answer is not: the worst moment.
  const killFirst = (): void => {
    if (smtp.received.length === 1) running.child?.kill('SIGKILL');
  };
  const smtp = await openSmtpServer(stack, { onReceived: killFirst });
  const start = (aheadMs: number): ChildProcess => {
    const args = [program, path, String(smtp.port), String(aheadMs)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    stack.defer(() => void child.kill('SIGKILL'));
    return child;
  };
  running.child = start(0);
  await once(running.child, 'exit');
  expect(smtp.received).toHaveLength(1);
  expect(await outbox.list(admin)).toMatchObject([{ state: 'pending', attempts: [] }]);

  start(laterMs);
  await expect.poll(() => outbox.list(admin), { timeout: 60_000 }).toMatchObject([{ state: 'delivered' }]);
  const ids = smtp.received.map(({ raw }) => /^Message-ID: (.*)$/m.exec(raw)?.[1]);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
}, 120_000);
