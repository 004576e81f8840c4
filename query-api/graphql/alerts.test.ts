import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { streamedAlert } from '../../stores/alert.fixture.ts';
import { askGraph, graphData } from '../../tests/query-api/graph-client.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

const pageSchema = z.object({
  alerts: z.object({
    totalCount: z.int(),
    nodes: z.array(z.object({ alertId: z.string() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});
const pageQuery = `query($filter: AlertFilter, $first: Int, $after: String, $sort: AlertSort) {
  alerts(filter: $filter, first: $first, after: $after, sort: $sort) {
    totalCount nodes { alertId } pageInfo { hasNextPage endCursor }
  }
}`;
let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
  await rest.stores.alerts.save([
    ...[1, 2, 3].map((number) => streamedAlert(number)),
    streamedAlert(4, { severity: 'CRITICAL', lastEventTimeMs: 0, firstEventTimeMs: 0 }),
    streamedAlert(9, { tenantId: 'umbrella', title: 'secret of umbrella' }),
  ]);
});
afterAll(() => rest[Symbol.asyncDispose]());

async function page(variables: Readonly<Record<string, unknown>>) {
  return pageSchema.parse(await graphData(rest.app, pageQuery, { variables })).alerts;
}

async function act(mutation: string, selection: string, token?: string) {
  return askGraph(
    rest.app,
    `mutation { ${mutation} { ${selection} } }`,
    token === undefined ? {} : { token },
  );
}

describe('alerts', () => {
  it('are pages of a ranked list, with how many there are in all', async () => {
    const first = await page({ first: 3 });
    expect(first.nodes.map(({ alertId }) => alertId)).toEqual(['a4', 'a3', 'a2']);
    expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    const second = await page({ first: 3, after: first.pageInfo.endCursor });
    expect(second.nodes.map(({ alertId }) => alertId)).toEqual(['a1']);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  it.each([
    [{ severities: ['CRITICAL'] }, ['a4']],
    [{ search: 'TROUBLE', minScore: 3 }, ['a4', 'a3']],
    [{ statuses: ['RESOLVED'] }, []],
    [{ from: '2026-01-31T08:00:03Z' }, ['a3']],
  ])('are filtered as REST filters: %j', async (filter, ids) => {
    expect((await page({ filter })).nodes.map(({ alertId }) => alertId)).toEqual(ids);
    const query = Object.entries(filter)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join('&');
    const { items } = z
      .object({ items: z.array(z.object({ alertId: z.string() })) })
      .parse(await rest.answer(`/alerts?${query}`));
    expect(items.map(({ alertId }) => alertId)).toEqual(ids);
  });

  it('are one by its id, with its score, terms and device, and null where there is none', async () => {
    const whole =
      'alertId score terms { name points reason } firstEventTime snoozedUntil device { hostname }';
    const data = await graphData(
      rest.app,
      `{ one: alert(alertId: "a3") { ${whole} } none: alert(alertId: "a9") { title } }`,
    );
    expect(data).toEqual({
      one: {
        alertId: 'a3',
        score: 3,
        terms: [{ name: 'rare-kind', points: 3, reason: 'never seen before' }],
        firstEventTime: '2026-01-31T08:00:00.000Z',
        snoozedUntil: null,
        device: { hostname: 'srv-01' },
      },
      none: null,
    });
  });

  it('are counted by status, state and severity', async () => {
    const query = '{ alertStats { total reports byStatus { value count } bySeverity { value count } } }';
    const { alertStats } = await graphData(rest.app, query);
    expect(alertStats).toMatchObject({ total: 4, reports: 4 });
    expect(alertStats).toHaveProperty('bySeverity', expect.arrayContaining([{ value: 'ERROR', count: 3 }]));
  });
});

describe('a mutation', () => {
  it('does what the route of REST does, and REST answers the same alert', async () => {
    expect((await act('acknowledgeAlert(alertId: "a1")', 'status')).data).toEqual({
      acknowledgeAlert: { status: 'ACKNOWLEDGED' },
    });
    const assigned = await act('assignAlert(alertId: "a1", assignee: null)', 'assignee');
    expect(assigned.data).toEqual({ assignAlert: { assignee: null } });
    const until = '2031-01-01T00:00:00.000Z';
    const snoozed = await act(`snoozeAlert(alertId: "a1", until: "${until}")`, 'status snoozedUntil');
    expect(snoozed.data).toEqual({ snoozeAlert: { status: 'SNOOZED', snoozedUntil: until } });
    await act('undoAlert(alertId: "a1")', 'status');
    await act('feedbackAlert(alertId: "a1", verdict: useful)', 'verdict');
    const { data } = await act('commentAlert(alertId: "a1", text: "seen")', 'status steps { action by }');
    expect(data).toMatchObject({ commentAlert: { status: 'ACKNOWLEDGED' } });
    const actions = ['acknowledge', 'assign', 'snooze', 'undo', 'feedback', 'comment'];
    expect(data?.['commentAlert']).toHaveProperty(
      'steps',
      actions.map((action) => ({ action, by: 'acme.technician' })),
    );
    expect(await rest.answer('/alerts/a1')).toMatchObject({ status: 'ACKNOWLEDGED', verdict: 'useful' });
  });

  it.each([
    ['resolveAlert(alertId: "a2")', 'acme.technician', 'ALERT_STILL_FIRING'],
    ['reopenAlert(alertId: "a2")', 'acme.technician', 'ARGUMENT_INVALID'],
    ['snoozeAlert(alertId: "a2", until: "2020-01-01T00:00:00Z")', 'acme.technician', 'ARGUMENT_INVALID'],
    ['snoozeAlert(alertId: "a2", until: "tomorrow")', 'acme.technician', 'ARGUMENT_INVALID'],
    ['commentAlert(alertId: "a2", text: "")', 'acme.technician', 'ARGUMENT_INVALID'],
    ['acknowledgeAlert(alertId: "a2")', 'acme.analyst', 'ROLE_NOT_ALLOWED'],
    ['acknowledgeAlert(alertId: "a9")', 'acme.admin', 'NOT_FOUND'],
  ])('%s as %s is refused with %s, and leaves no step', async (mutation, token, code) => {
    expect((await act(mutation, 'status', token)).errors?.[0]?.extensions.code).toBe(code);
    expect(await rest.answer('/alerts/a2')).toMatchObject({ status: 'OPEN', steps: [] });
  });

  it('takes no GET, which another site could make a browser send', async () => {
    const query = encodeURIComponent('mutation { acknowledgeAlert(alertId: "a3") { status } }');
    const response = await rest.app.inject({
      url: `/graphql?query=${query}`,
      headers: { authorization: 'Bearer acme.admin' },
    });
    expect(response.statusCode).toBe(405);
    expect(await rest.answer('/alerts/a3')).toMatchObject({ status: 'OPEN' });
  });

  it('takes the analyst’s verdict', async () => {
    const { data } = await act('feedbackAlert(alertId: "a4", verdict: noise)', 'verdict', 'acme.analyst');
    expect(data).toEqual({ feedbackAlert: { verdict: 'noise' } });
  });
});
