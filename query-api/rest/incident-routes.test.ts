import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { hiddenByWindow, streamedAlert } from '../../stores/alert.fixture.ts';
import { graphData } from '../../tests/query-api/graph-client.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
  const hidden = { hidden: true, suppressions: [hiddenByWindow(4)] };
  const edge = { kind: 'same-device', alertId: 'a1', gapMs: 1000 } as const;
  await rest.stores.alerts.save([
    streamedAlert(1),
    streamedAlert(2, { incident: { incidentId: 'a1', edge } }),
    streamedAlert(3, { ...hidden, incident: { incidentId: 'a1', edge } }),
    streamedAlert(4, { ...hidden, review: true }),
    streamedAlert(9, { tenantId: 'umbrella' }),
  ]);
});
afterAll(() => rest[Symbol.asyncDispose]());

function post(path: string, body: object, token = 'acme.technician') {
  const headers = { authorization: `Bearer ${token}` };
  return rest.app.inject({ method: 'POST', url: `/api/v1${path}`, headers, payload: body });
}

const patchNight = {
  windowId: 'patch-night',
  title: 'Patch night',
  start: '2026-01-08T22:00:00',
  timeZone: 'Europe/Berlin',
  durationMs: 3_600_000,
  recurrence: 'FREQ=WEEKLY;BYDAY=TH',
};

describe('incidents', () => {
  it('are listed without those that are wholly hidden, and shown with their alerts and what relates them', async () => {
    const { items } = (await rest.answer('/incidents')) as { items: { incidentId: string }[] };
    expect(items).toMatchObject([{ incidentId: 'a1', alerts: 2, hidden: 1, score: 2, status: 'OPEN' }]);
    const whole = (await rest.answer('/incidents/a1')) as { children: unknown[] };
    expect(whole.children).toMatchObject([
      { alertId: 'a1' },
      { alertId: 'a2', incident: { edge: { kind: 'same-device', alertId: 'a1' } } },
      { alertId: 'a3', hidden: true },
    ]);
  });

  it('are counted by status, state and severity, however few are listed', async () => {
    const counted = { total: 1, byStatus: { OPEN: 1 }, byState: { FIRING: 1 }, bySeverity: { ERROR: 1 } };
    expect(await rest.answer('/incidents/stats')).toMatchObject(counted);
    expect(await rest.answer('/incidents/stats?states=OK')).toMatchObject({ total: 0, byState: { OK: 0 } });
    const query = '{ incidentStats(statuses: [OPEN]) { total bySeverity { value count } } }';
    const { incidentStats } = await graphData(rest.app, query);
    expect(incidentStats).toMatchObject({ total: 1 });
    expect(incidentStats).toHaveProperty(
      'bySeverity',
      expect.arrayContaining([{ value: 'ERROR', count: 1 }]),
    );
  });

  it('are the tenant’s alone', async () => {
    const answer = await rest.app.inject({
      url: '/api/v1/incidents/a9',
      headers: { authorization: 'Bearer acme.admin' },
    });
    expect(answer.statusCode).toBe(404);
  });
});

describe('what is hidden', () => {
  it.each([
    ['', ['a2', 'a1']],
    ['visibility=hidden', ['a4', 'a3']],
    ['visibility=review', ['a4']],
    ['visibility=all&incidentId=a1', ['a3', 'a2', 'a1']],
  ])('is listed where it is asked for: %s', async (query, ids) => {
    const { items } = (await rest.answer(`/alerts?${query}`)) as { items: { alertId: string }[] };
    expect(items.map(({ alertId }) => alertId)).toEqual(ids);
  });

  it('is judged by people, which gives the rate of what is hidden wrongly', async () => {
    expect(await rest.answer('/alerts/suppression')).toMatchObject({
      hidden: 2,
      sampled: 1,
      falseRate: null,
    });
    await post('/alerts/a4/feedback', { verdict: 'useful' });
    expect(await rest.answer('/alerts/suppression')).toMatchObject({
      reviewed: 1,
      wrong: 1,
      falseRate: { rate: 1 },
    });
  });
});

describe('maintenance windows', () => {
  it('tell their next times before they are planned and after, and are ended before their time', async () => {
    const nowMs = rest.stores.clock.nowMs();
    const start = new Date(nowMs - 600_000).toISOString().slice(0, 19);
    const night = {
      ...patchNight,
      windowId: 'tonight',
      start,
      timeZone: 'UTC',
      recurrence: 'FREQ=DAILY',
      durationMs: 3_600_000,
    };
    const { times } = (await post('/windows/preview', night)).json<{ times: { start: string }[] }>();
    expect(times.map((time) => Date.parse(time.start))).toHaveLength(5);
    expect(Date.parse(times[0]?.start ?? '')).toBeLessThan(nowMs);
    expect((await post('/windows/preview', night, 'acme.analyst')).statusCode).toBe(403);
    expect((await post('/windows/tonight/end', {})).statusCode).toBe(404);
    await post('/windows', night);
    const ended = (await post('/windows/tonight/end', {})).json<{ times: { start: string }[] }>();
    expect(ended).toMatchObject({ endedAt: new Date(nowMs).toISOString(), version: 2 });
    expect(Date.parse(ended.times[0]?.start ?? '')).toBeGreaterThan(nowMs);
    const again = (await post('/windows', night)).json<{ times: { start: string }[] }>();
    expect(again).toMatchObject({ endedAt: null, times: [{ start: times[0]?.start }, {}, {}] });
    await post('/windows/tonight/remove', {});
  });

  it('are planned, replaced and taken away by those who may', async () => {
    expect((await post('/windows', patchNight, 'acme.analyst')).statusCode).toBe(403);
    expect((await post('/windows', patchNight)).json()).toMatchObject({
      version: 1,
      changedBy: 'acme.technician',
    });
    expect((await post('/windows', { ...patchNight, title: 'Night' })).json()).toMatchObject({ version: 2 });
    expect(await rest.answer('/windows')).toMatchObject({
      items: [{ windowId: 'patch-night', title: 'Night' }],
    });
    expect((await post('/windows/patch-night/remove', {})).json()).toEqual({ items: [], nextCursor: null });
    expect((await post('/windows/patch-night/remove', {})).statusCode).toBe(404);
  });

  it.each([
    { timeZone: 'Mars/Olympus' },
    { recurrence: 'FREQ=SECONDLY' },
    { start: 'tomorrow' },
    { durationMs: 1 },
    { windowId: '../x' },
  ])('are refused where they cannot be planned: %j', async (changes) => {
    const refused = await post('/windows', { ...patchNight, ...changes });
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});

describe('rules', () => {
  it('are set by operators, refused where a condition is no CEL, and tried on the stream', async () => {
    const detect = {
      kind: 'rate',
      eventTypes: ['LOGIN_FAILED'],
      when: 'data.ok == false',
      count: 3,
      withinMs: 1000,
    };
    const rule = { ruleId: 'logins', title: 'Logins', severity: 'ERROR', detect };
    expect((await post('/rules', rule)).statusCode).toBe(403);
    expect((await post('/rules', rule, 'acme.operator')).json()).toMatchObject({
      version: 1,
      origin: 'tenant',
    });
    const broken = await post(
      '/rules',
      { ...rule, detect: { ...detect, when: 'data.ok ==' } },
      'acme.operator',
    );
    expect(broken.statusCode).toBe(400);
    expect(broken.json()).toMatchObject({ detail: expect.stringContaining('is no CEL') as unknown });
    expect((await post('/rules', { ...rule, detect: { kind: 'rate' } }, 'acme.operator')).statusCode).toBe(
      400,
    );
    expect((await post('/rules/test', { rule }, 'acme.operator')).json()).toMatchObject({ ruleId: 'logins' });
    expect((await post('/rules/logins/remove', {}, 'acme.operator')).statusCode).toBe(200);
  });
});
