import { afterEach, describe, expect, it } from 'vitest';

import type { Principal } from '../contracts/tenant.ts';
import { createManualClock } from '../streams/clock.ts';
import { alertTimeMs, streamedAlert } from './alert.fixture.ts';
import { createAlertRegistry } from './alert-registry.ts';
import { createEmbeddedDocuments } from './embedded/documents.ts';

const hourMs = 3_600_000;
const us: Principal = { tenantId: 'acme', tokenId: 'token-1', role: 'technician' };
const them: Principal = { tenantId: 'umbrella', tokenId: 'token-2', role: 'admin' };
const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of stack.splice(0)) await one[Symbol.asyncDispose]();
});

function open() {
  const clock = createManualClock(alertTimeMs + hourMs);
  const documents = createEmbeddedDocuments({ path: ':memory:' });
  stack.push(documents);
  return { clock, documents, alerts: createAlertRegistry({ documents, clock }) };
}

describe('the registry of alerts', () => {
  it('lists the highest score first, page by page, and the newest where asked', async () => {
    const { alerts } = open();
    await alerts.save([2, 5, 1, 4, 3].map((number) => streamedAlert(number)));
    const first = await alerts.list(us, { sort: 'score', limit: 2 });
    expect(first.map(({ alertId }) => alertId)).toEqual(['a5', 'a4']);
    const second = await alerts.list(us, { sort: 'score', limit: 9, after: { by: 4, alertId: 'a4' } });
    expect(second.map(({ alertId }) => alertId)).toEqual(['a3', 'a2', 'a1']);
    const filtered = await alerts.list(us, { sort: 'newest', limit: 9, minScore: 3, search: 'TROUBLE 4' });
    expect(filtered.map(({ alertId }) => alertId)).toEqual(['a4']);
    expect(await alerts.stats(us, {})).toMatchObject({ total: 5, reports: 5, byStatus: { OPEN: 5 } });
  });

  it('takes the last that the stream says', async () => {
    const { alerts } = open();
    await alerts.save([streamedAlert(1), streamedAlert(1, { count: 7 })]);
    await alerts.save([streamedAlert(1, { count: 8, state: 'OK' })]);
    expect(await alerts.get(us, 'a1')).toMatchObject({ count: 8, state: 'OK' });
  });

  it('answers, counts and changes nothing of another tenant', async () => {
    const { alerts } = open();
    await alerts.save([streamedAlert(1)]);
    expect(await alerts.get(them, 'a1')).toBeNull();
    expect(await alerts.list(them, { sort: 'score', limit: 9 })).toEqual([]);
    expect(await alerts.stats(them, {})).toMatchObject({ total: 0, reports: 0 });
    await expect(alerts.act(them, 'a1', { action: 'acknowledge' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await alerts.get(us, 'a1')).toMatchObject({ status: 'OPEN', steps: [] });
  });

  it('keeps every step with who did it, through a restart', async () => {
    const { alerts, documents, clock } = open();
    await alerts.save([streamedAlert(1)]);
    await alerts.act(us, 'a1', { action: 'acknowledge' });
    await alerts.act(us, 'a1', { action: 'assign', assignee: 'kim' });
    await alerts.act(us, 'a1', { action: 'comment', text: 'on it' });
    await alerts.act(us, 'a1', { action: 'feedback', verdict: 'useful' });
    const before = await alerts.get(us, 'a1');
    expect(before).toMatchObject({ status: 'ACKNOWLEDGED', assignee: 'kim', verdict: 'useful' });
    expect(before?.steps.map(({ action, by }) => [action, by])).toEqual(
      ['acknowledge', 'assign', 'comment', 'feedback'].map((action) => [action, 'token-1']),
    );
    expect(await createAlertRegistry({ documents, clock }).get(us, 'a1')).toEqual(before);
  });

  it('loses no step of two processes that act at the same time', async () => {
    const { alerts, documents, clock } = open();
    await alerts.save([streamedAlert(1)]);
    const other = createAlertRegistry({ documents, clock, shared: true });
    await other.get(us, 'a1');
    await alerts.act(us, 'a1', { action: 'acknowledge' });
    const both = await other.act(us, 'a1', { action: 'comment', text: 'me too' });
    expect(both.steps.map(({ action }) => action)).toEqual(['acknowledge', 'comment']);
  });
});

describe('the life of an alert', () => {
  it('refuses to resolve what still fires, and resolves it when clear where asked', async () => {
    const { alerts } = open();
    await alerts.save([streamedAlert(1)]);
    const resolving = alerts.act(us, 'a1', { action: 'resolve', whenClear: false });
    await expect(resolving).rejects.toMatchObject({ code: 'ALERT_STILL_FIRING' });
    expect(await alerts.act(us, 'a1', { action: 'resolve', whenClear: true })).toMatchObject({
      status: 'OPEN',
      resolveWhenClear: true,
    });
    await alerts.save([streamedAlert(1, { state: 'OK' })]);
    expect(await alerts.get(us, 'a1')).toMatchObject({ status: 'RESOLVED' });
    expect(await alerts.act(us, 'a1', { action: 'reopen' })).toMatchObject({ status: 'OPEN' });
  });

  it('keeps a snooze through a resolve, and for the next alert of the same trouble, until its end', async () => {
    const { alerts, clock } = open();
    const again = streamedAlert(1, { alertId: 'again' });
    await alerts.save([streamedAlert(1, { state: 'OK' })]);
    await alerts.act(us, 'a1', { action: 'snooze', untilMs: clock.nowMs() + hourMs });
    await alerts.act(us, 'a1', { action: 'resolve', whenClear: false });
    await alerts.save([again, streamedAlert(2)]);
    const statusOf = async (id: string) => (await alerts.get(us, id))?.status;
    expect([await statusOf('again'), await statusOf('a2')]).toEqual(['SNOOZED', 'OPEN']);
    expect(await alerts.act(us, 'a1', { action: 'reopen' })).toMatchObject({ status: 'SNOOZED' });
    await clock.advance(hourMs);
    expect(await statusOf('again')).toBe('OPEN');
  });

  it('undoes the last step but for comments, once each', async () => {
    const { alerts } = open();
    await alerts.save([streamedAlert(1)]);
    await alerts.act(us, 'a1', { action: 'acknowledge' });
    await alerts.act(us, 'a1', { action: 'assign', assignee: 'kim' });
    await alerts.act(us, 'a1', { action: 'comment', text: 'wrong one' });
    const undo = () => alerts.act(us, 'a1', { action: 'undo' });
    expect(await undo()).toMatchObject({ status: 'ACKNOWLEDGED', assignee: null });
    expect(await undo()).toMatchObject({ status: 'OPEN' });
    await expect(undo()).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('answers incidents as they are after each change, and when a snooze has ended by itself', async () => {
    const { alerts, clock } = open();
    const byStatus = async (): Promise<unknown> => (await alerts.incidentStats(us, {})).byStatus;
    await alerts.save([streamedAlert(1)]);
    expect(await byStatus()).toMatchObject({ OPEN: 1 });
    await alerts.save([streamedAlert(2)]);
    expect(await byStatus()).toMatchObject({ OPEN: 2 });
    await alerts.act(us, 'a1', { action: 'acknowledge' });
    expect(await byStatus()).toMatchObject({ OPEN: 1, ACKNOWLEDGED: 1 });
    await alerts.act(us, 'a2', { action: 'snooze', untilMs: clock.nowMs() + hourMs });
    expect(await byStatus()).toMatchObject({ SNOOZED: 1, ACKNOWLEDGED: 1 });
    await clock.advance(hourMs);
    expect(await byStatus()).toMatchObject({ OPEN: 1, ACKNOWLEDGED: 1 });
    await alerts.save([streamedAlert(1, { state: 'OK' }), streamedAlert(2, { state: 'OK' })]);
    await alerts.deleteBefore(Infinity);
    expect((await alerts.incidentStats(us, {})).total).toBe(0);
  });

  it('makes what it answers once for all who ask until an alert changes, for each tenant by itself', async () => {
    const { alerts } = open();
    await alerts.save([streamedAlert(1)]);
    const first = await alerts.incident(us, 'a1');
    await alerts.save([{ ...streamedAlert(2), tenantId: them.tenantId }]);
    expect(await alerts.incident(us, 'a1')).toBe(first);
    expect(await alerts.incident(them, 'a1')).toBeNull();
    await alerts.save([streamedAlert(3)]);
    expect(await alerts.incident(us, 'a1')).not.toBe(first);
  });

  it('is forgotten with its steps when it ended long ago, never while it fires', async () => {
    const { alerts } = open();
    await alerts.save([streamedAlert(1, { state: 'OK' }), streamedAlert(2)]);
    await alerts.act(us, 'a1', { action: 'acknowledge' });
    expect(await alerts.deleteBefore(alertTimeMs + hourMs)).toBe(1);
    expect((await alerts.list(us, { sort: 'score', limit: 9 })).map(({ alertId }) => alertId)).toEqual([
      'a2',
    ]);
    await alerts.save([streamedAlert(1, { state: 'OK' })]);
    expect(await alerts.get(us, 'a1')).toMatchObject({ status: 'OPEN', steps: [] });
  });
});
