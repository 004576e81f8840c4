import { createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';

import type { StreamedAlert } from '../contracts/alert.ts';
import { createSecretBox } from '../integrations/sealed-secret.ts';
import { streamedAlert } from '../stores/alert.fixture.ts';
import { createAlertRegistry } from '../stores/alert-registry.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import { createManualClock } from '../streams/clock.ts';
import { openNotifications, savingAndNoting, secretsFor } from './notifications.ts';
import { startNotifier } from './notifier.ts';

const admin = { tenantId: 'acme', tokenId: 't', role: 'admin' } as const;

interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A webhook that answers with the given statuses, then with 200. */
async function openWebhook(stack: AsyncDisposableStack, statuses: number[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

async function open(stack: AsyncDisposableStack, statuses?: number[]) {
  const clock = createManualClock(1_000_000);
  const documents = createEmbeddedDocuments({ path: ':memory:' });
  const alerts = createAlertRegistry({ documents, clock });
  const key = randomBytes(32);
  const secrets = createSecretBox({ key: () => key, randomBytes });
  const { targets, outbox } = openNotifications(documents, alerts, clock);
  const webhook = await openWebhook(stack, statuses);
  const { secret, sealed } = secretsFor(secrets)(admin, 'pager');
  await targets.set(admin, 'pager', {
    targetId: 'pager',
    url: webhook.url,
    minScore: 2,
    enabled: true,
    sealed,
  });
  const save = (...streamed: readonly StreamedAlert[]) => savingAndNoting(alerts, outbox).save(streamed);
  const faults: string[] = [];
  const start = () =>
    startNotifier({ outbox, targets, secrets, clock, onFault: (text) => faults.push(text) });
  /** Until nothing more happens at this moment of the clock. */
  const passed = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await expect.poll(async () => (await outbox.due()).length, { timeout: 5_000 }).toBe(0);
  };
  return { clock, documents, alerts, outbox, webhook, secret, save, start, passed, faults, targets };
}

describe('a notification', () => {
  it('is one for an incident, however many alerts it has and however often they are told', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, webhook, outbox, secret, faults } = await open(stack);
    const of = { incident: { incidentId: 'a3', edge: null } };
    await save(streamedAlert(1), streamedAlert(3, of));
    await save(
      streamedAlert(3, { ...of, count: 7 }),
      streamedAlert(4, of),
      streamedAlert(9, { tenantId: 'umbrella' }),
    );
    stack.use(start());
    await passed(1_000);
    await passed(60_000);
    expect(webhook.received.length).toBe(1);
    const [{ headers, body } = { headers: {}, body: '' }] = webhook.received;
    expect(JSON.parse(body)).toMatchObject({
      tenantId: 'acme',
      incidentId: 'a3',
      alertId: 'a3',
      title: 'trouble 3',
    });
    const [, seconds = '', mac = ''] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['openframe-signature'])) ?? [];
    expect(mac).toBe(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
    const [told, ...others] = await outbox.list(admin);
    expect(others).toEqual([]);
    expect(told).toMatchObject({ state: 'delivered', attempts: [{ status: 200, error: null }] });
    expect(headers['idempotency-key']).toBe(told?.notificationId);
    expect(faults).toEqual([]);
  });

  it('is not of what is hidden, over, or under the score', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, outbox } = await open(stack);
    await save(streamedAlert(1), streamedAlert(5, { hidden: true }), streamedAlert(6, { state: 'OK' }));
    expect(await outbox.due()).toEqual([]);
    await save(streamedAlert(5, { hidden: false }));
    expect((await outbox.due()).map(({ notification }) => notification.alertId)).toEqual(['a5']);
  });

  it('is tried again with pauses that grow, and each try is kept', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, webhook, outbox } = await open(stack, [503, 500]);
    await save(streamedAlert(3));
    stack.use(start());
    for (const ms of [1_000, 5_000, 10_000, 20_000]) await passed(ms);
    expect(webhook.received.length).toBe(3);
    expect(new Set(webhook.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const [told] = await outbox.list(admin);
    expect(told?.attempts.map(({ status }) => status)).toEqual([503, 500, 200]);
  });

  it('is given up where nobody wants it any more', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, webhook, outbox } = await open(stack, [410]);
    await save(streamedAlert(3));
    stack.use(start());
    for (const ms of [1_000, 60_000]) await passed(ms);
    expect(webhook.received.length).toBe(1);
    expect(await outbox.list(admin)).toMatchObject([{ state: 'failed' }]);
  });

  it('is sent by one of those that try', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, outbox } = await open(stack);
    await save(streamedAlert(3));
    const [due] = await outbox.due();
    if (due === undefined) throw new Error('Nothing is due.');
    const takers = [1, 2, 3].map(() => outbox.take(due, due.notification));
    expect((await Promise.all(takers)).filter(Boolean).length).toBe(1);
  });

  it('survives that whoever tried it died, as a try without an answer', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, outbox, clock, start, passed, webhook } = await open(stack);
    await save(streamedAlert(3));
    const [due] = await outbox.due();
    if (due === undefined) throw new Error('Nothing is due.');
    await outbox.take(due, due.notification);
    await clock.advance(120_000);
    stack.use(start());
    await passed(1_000);
    expect(webhook.received.length).toBe(1);
    expect((await outbox.list(admin))[0]?.attempts.map(({ status }) => status)).toEqual([null, 200]);
  });

  it('comes again when the incident goes on after people resolved all of it', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, outbox, alerts, clock } = await open(stack);
    const of = { incident: { incidentId: 'a3', edge: null } };
    const firstEventTimeMs = clock.nowMs();
    await save(streamedAlert(3, { ...of, firstEventTimeMs }));
    await save(streamedAlert(3, { ...of, firstEventTimeMs, state: 'OK' }));
    await clock.advance(1_000);
    await alerts.act(admin, 'a3', { action: 'resolve', whenClear: false });
    await save(streamedAlert(4, { ...of, firstEventTimeMs: clock.nowMs() + 1_000 }));
    expect((await outbox.list(admin)).map(({ incidentId }) => incidentId).sort()).toEqual(['a3', 'a3~2']);
  });
});
