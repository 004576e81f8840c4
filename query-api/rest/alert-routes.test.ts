import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { completenessSchema } from '../../contracts/completeness.ts';
import { streamedAlert } from '../../stores/alert.fixture.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';
import { answeredAlertSchema } from './alert-answer.ts';

const pageSchema = z.strictObject({
  items: z.array(answeredAlertSchema),
  nextCursor: z.string().nullable(),
  completeness: completenessSchema,
});
let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
  const hostile = { title: '<img src=x onerror=alert(1)>', severity: 'CRITICAL' } as const;
  await rest.stores.alerts.save([
    ...[1, 2, 3].map((number) => streamedAlert(number)),
    streamedAlert(4, hostile),
    streamedAlert(9, { tenantId: 'umbrella', title: 'secret of umbrella' }),
  ]);
});
afterAll(() => rest[Symbol.asyncDispose]());

async function page(path: string, token?: string): Promise<z.infer<typeof pageSchema>> {
  return pageSchema.parse(await rest.answer(path, token));
}

function act(path: string, body: object, token = 'acme.technician', headers: Record<string, string> = {}) {
  return rest.app.inject({
    method: 'POST',
    url: `/api/v1/alerts/${path}`,
    headers: { authorization: `Bearer ${token}`, ...headers },
    payload: body,
  });
}

describe('alerts', () => {
  it('are listed by score, in pages', async () => {
    const first = await page('/alerts?limit=3');
    expect(first.items.map(({ alertId }) => alertId)).toEqual(['a4', 'a3', 'a2']);
    const second = await page(`/alerts?limit=3&cursor=${first.nextCursor}`);
    expect(second.items.map(({ alertId }) => alertId)).toEqual(['a1']);
    expect(second.nextCursor).toBeNull();
  });

  it.each([
    ['severities=CRITICAL', ['a4']],
    ['search=trouble&minScore=2', ['a3', 'a2']],
    ['statuses=RESOLVED,SNOOZED', []],
    ['states=FIRING&sort=newest&limit=1', ['a4']],
    ['from=2026-01-31T08:00:04Z', ['a4']],
    ['deviceId=none', []],
  ])('are filtered by %s', async (query, ids) => {
    expect((await page(`/alerts?${query}`)).items.map(({ alertId }) => alertId)).toEqual(ids);
  });

  it('are counted', async () => {
    expect(await rest.answer('/alerts/stats')).toMatchObject({
      total: 4,
      byStatus: { OPEN: 4, RESOLVED: 0 },
      bySeverity: { ERROR: 3, CRITICAL: 1 },
    });
  });

  it("are never another tenant's, by id, list, count, cursor or action", async () => {
    expect(JSON.stringify(await page('/alerts'))).not.toContain('umbrella');
    expect((await rest.problem('/alerts/a9')).code).toBe('NOT_FOUND');
    expect((await rest.problem('/alerts/a1', 'umbrella.admin')).code).toBe('NOT_FOUND');
    expect((await act('a9/acknowledge', {})).statusCode).toBe(404);
    const { nextCursor } = await page('/alerts?limit=1');
    const theirs = await rest.problem(`/alerts?limit=1&cursor=${nextCursor}`, 'umbrella.admin');
    expect(theirs.code).toBe('CURSOR_INVALID');
    expect((await page('/alerts', 'umbrella.admin')).items).toMatchObject([{ alertId: 'a9', steps: [] }]);
  });
});

describe('acting on an alert', () => {
  it('goes through its life, step by step', async () => {
    expect((await act('a1/acknowledge', {})).json()).toMatchObject({ status: 'ACKNOWLEDGED' });
    expect((await act('a1/assign', { assignee: 'kim' })).json()).toMatchObject({ assignee: 'kim' });
    const refused = await act('a1/resolve', {});
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({ code: 'ALERT_STILL_FIRING' });
    expect((await act('a1/resolve', { whenClear: true })).json()).toMatchObject({ resolveWhenClear: true });
    const until = '2031-01-01T00:00:00.000Z';
    expect((await act('a1/snooze', { until })).json()).toMatchObject({
      status: 'SNOOZED',
      snoozedUntil: until,
    });
    expect((await act('a1/undo', {})).json()).toMatchObject({ status: 'ACKNOWLEDGED', snoozedUntil: null });
    expect((await act('a1/comment', { text: 'seen' })).statusCode).toBe(200);
    const { steps } = answeredAlertSchema.parse(await rest.answer('/alerts/a1'));
    expect(steps.map(({ action }) => action)).toEqual([
      ...['acknowledge', 'assign', 'resolve-when-clear', 'snooze', 'undo', 'comment'],
    ]);
  });

  it.each([
    ['analyst', 'acknowledge', {}, 403],
    ['analyst', 'feedback', { verdict: 'noise' }, 200],
    ['agent', 'feedback', { verdict: 'noise' }, 403],
    ['operator', 'acknowledge', {}, 200],
  ])('as %s: %s', async (role, action, body, status) => {
    expect((await act(`a2/${action}`, body, `acme.${role}`)).statusCode).toBe(status);
  });

  it.each([
    ['snooze', { until: 'tomorrow' }],
    ['snooze', { until: '2020-01-01T00:00:00Z' }],
    ['feedback', { verdict: 'useless' }],
    ['acknowledge', { by: 'somebody else' }],
    ['comment', { text: '' }],
    ['reopen', {}],
  ])('is refused: %s %j', async (action, body) => {
    const refused = await act(`a3/${action}`, body);
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  it('takes no session cookie, which another site could make a browser send', async () => {
    const answer = await rest.app.inject({
      method: 'POST',
      url: '/api/v1/alerts/a1/acknowledge',
      headers: { cookie: 'openframe_session=acme.admin' },
      payload: {},
    });
    expect(answer.statusCode).toBe(401);
  });
});
