import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';

import { notificationTargetSchema } from '../contracts/notification.ts';
import { streamedAlert } from '../stores/alert.fixture.ts';
import { createMailSender } from './mail/mail-sender.ts';
import { admin, openNotifier } from './notifier.fixture.ts';

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
  const webhook = await openWebhook(stack, statuses);
  const target = { targetId: 'pager', kind: 'webhook', url: webhook.url, minScore: 2 } as const;
  const notifier = await openNotifier(stack, target, createMailSender(null, undefined));
  return { ...notifier, webhook, secret: notifier.secret ?? '' };
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
    start();
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

  it('is of errors alone, unless its target wants more', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, outbox, desk } = await open(stack);
    const calm = { targetId: 'calm', kind: 'webhook', url: 'http://127.0.0.1:1/', minScore: 0 } as const;
    await desk.set(admin, notificationTargetSchema.parse(calm));
    await save(streamedAlert(3, { severity: 'WARNING' }), streamedAlert(4));
    const told = (await outbox.due('webhook')).map(({ notification: of }) => `${of.targetId} ${of.alertId}`);
    expect(told.sort()).toEqual(['calm a4', 'pager a3', 'pager a4']);
  });

  it('is not of what is hidden, over, or under the score', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, outbox } = await open(stack);
    await save(streamedAlert(1), streamedAlert(5, { hidden: true }), streamedAlert(6, { state: 'OK' }));
    expect(await outbox.due('webhook')).toEqual([]);
    await save(streamedAlert(5, { hidden: false }));
    expect((await outbox.due('webhook')).map(({ notification }) => notification.alertId)).toEqual(['a5']);
  });

  it('is tried again with pauses that grow, and each try is kept', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, webhook, outbox } = await open(stack, [503, 500]);
    await save(streamedAlert(3));
    start();
    for (const ms of [1_000, 5_000, 10_000, 20_000]) await passed(ms);
    expect(webhook.received.length).toBe(3);
    expect(new Set(webhook.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    const [told] = await outbox.list(admin);
    expect(told?.attempts.map(({ status }) => status)).toEqual([503, 500, 200]);
  });

  it('is given up where nobody wants it any more', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, webhook, outbox, faults } = await open(stack, [410]);
    await save(streamedAlert(3));
    start();
    for (const ms of [1_000, 60_000]) await passed(ms);
    expect(webhook.received.length).toBe(1);
    expect(await outbox.list(admin)).toMatchObject([{ state: 'failed' }]);
    expect(faults).toEqual([expect.stringContaining('acme/pager is given up: it answered 410')]);
  });

  it('is sent by one of those that try', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, outbox } = await open(stack);
    await save(streamedAlert(3));
    const [due] = await outbox.due('webhook');
    if (due === undefined) throw new Error('Nothing is due.');
    const takers = [1, 2, 3].map(() => outbox.take(due, due.notification));
    expect((await Promise.all(takers)).filter(Boolean).length).toBe(1);
  });

  it('survives that whoever tried it died, as a try without an answer', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, outbox, clock, start, passed, webhook } = await open(stack);
    await save(streamedAlert(3));
    const [due] = await outbox.due('webhook');
    if (due === undefined) throw new Error('Nothing is due.');
    await outbox.take(due, due.notification);
    await clock.advance(120_000);
    start();
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

  it('is removed once it is settled and old and nothing of its incident is kept, never before', async () => {
    await using stack = new AsyncDisposableStack();
    const { save, start, passed, alerts, outbox, documents, clock } = await open(stack);
    const of = { incident: { incidentId: 'a3', edge: null } };
    await save(streamedAlert(3, of), streamedAlert(4, { ...of, state: 'FIRING' }), streamedAlert(7));
    start();
    await passed(1_000);
    await save(streamedAlert(3, { ...of, state: 'OK' }), streamedAlert(7, { state: 'OK' }));
    const muchLaterMs = streamedAlert(9).lastEventTimeMs;
    await clock.advance(60_000);
    expect(await outbox.deleteBefore(clock.nowMs())).toBe(0);
    await alerts.deleteBefore(muchLaterMs);
    expect(await outbox.deleteBefore(0)).toBe(0);
    expect(await outbox.deleteBefore(clock.nowMs())).toBe(1);
    expect((await outbox.list(admin)).map(({ incidentId }) => incidentId)).toEqual(['a3']);
    expect(await documents.count(admin, 'notification-tries')).toBe(1);
    await save(streamedAlert(4, { ...of, count: 9 }));
    expect(await outbox.due('webhook')).toEqual([]);
  });

  it('of a test says so, and goes the same way', async () => {
    await using stack = new AsyncDisposableStack();
    const { start, passed, webhook, desk } = await open(stack);
    await desk.test(admin, 'pager');
    start();
    await passed(1_000);
    expect(webhook.received.map(({ body }) => body)).toEqual([expect.stringContaining('A test')]);
    await expect(desk.test(admin, 'nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
