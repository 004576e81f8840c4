import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { askGraph, graphData } from '../../tests/query-api/graph-client.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const window = {
  ...{ windowId: 'patches', title: 'Patches', start: '2026-01-08T22:00:00', timeZone: 'Europe/Berlin' },
  ...{ durationMs: 7_200_000, recurrence: 'FREQ=WEEKLY;BYDAY=TH', organizationIds: null },
};
const rule = {
  ...{ ruleId: 'logins', title: 'Failed logins', severity: 'ERROR' },
  detect: { kind: 'rate', eventTypes: ['LOGIN_FAILED'], when: 'true', count: 3, withinMs: 60_000 },
};

function ask(query: string, variables: Readonly<Record<string, unknown>>, token: string) {
  return askGraph(rest.app, query, { variables, token });
}

describe('maintenance windows in GraphQL', () => {
  const set =
    'mutation($window: MaintenanceWindowInput!) { setMaintenanceWindow(window: $window) { windowId version times { start } } }';

  it('are planned, ended and taken away by those who may', async () => {
    const made = await graphData(rest.app, set, { variables: { window }, token: 'acme.technician' });
    expect(made).toMatchObject({
      setMaintenanceWindow: { windowId: 'patches', version: 1, times: [{}, {}, {}] },
    });
    const end = 'mutation { endMaintenanceWindow(windowId: "patches") { version endedAt } }';
    const endedAt = new Date(rest.stores.clock.nowMs()).toISOString();
    expect(await graphData(rest.app, end, { token: 'acme.technician' })).toEqual({
      endMaintenanceWindow: { version: 2, endedAt },
    });
    const other = '{ maintenanceWindows { windowId } }';
    expect(await graphData(rest.app, other, { token: 'umbrella.admin' })).toEqual({ maintenanceWindows: [] });
    const remove = 'mutation { removeMaintenanceWindow(windowId: "patches") { windowId } }';
    expect(await graphData(rest.app, remove, { token: 'acme.technician' })).toEqual({
      removeMaintenanceWindow: [],
    });
  });

  it.each([
    ['analysts', 'acme.analyst', window, 'ROLE_NOT_ALLOWED'],
    ['a recurrence that is none', 'acme.admin', { ...window, recurrence: 'EVERY DAY' }, 'ARGUMENT_INVALID'],
    ['a time zone that is none', 'acme.admin', { ...window, timeZone: 'Mars/North' }, 'ARGUMENT_INVALID'],
  ])('refuse %s', async (_what, token, given, code) => {
    const { errors } = await ask(set, { window: given }, token);
    expect(JSON.stringify(errors)).toContain(code);
  });
});

describe('rules in GraphQL', () => {
  const set =
    'mutation($rule: AlertRuleInput!) { setAlertRule(rule: $rule) { ruleId version origin enabled detect } }';
  const test =
    'mutation($rule: AlertRuleInput!) { testAlertRule(rule: $rule, hours: 2) { ruleId alertsBefore gained { title } } }';

  it('are tried, set and taken away by those who may', async () => {
    const token = 'acme.operator';
    expect(await graphData(rest.app, test, { variables: { rule }, token })).toEqual({
      testAlertRule: { ruleId: 'logins', alertsBefore: 0, gained: [] },
    });
    expect(await graphData(rest.app, set, { variables: { rule }, token })).toMatchObject({
      setAlertRule: { ruleId: 'logins', version: 1, origin: 'tenant', enabled: true, detect: rule.detect },
    });
    const remove = 'mutation { removeAlertRule(ruleId: "logins") { ruleId } }';
    const left = JSON.stringify(await graphData(rest.app, remove, { token }));
    expect(left).toContain('device-silent');
    expect(left).not.toContain('"logins"');
  });

  it.each([
    ['technicians', 'acme.technician', rule, 'ROLE_NOT_ALLOWED'],
    ['a rule without a kind', 'acme.admin', { ...rule, detect: { kind: 'magic' } }, 'ARGUMENT_INVALID'],
    [
      'a condition that is no CEL',
      'acme.admin',
      { ...rule, detect: { ...rule.detect, when: '((' } },
      'ARGUMENT_INVALID',
    ],
  ])('refuse %s', async (_what, token, given, code) => {
    const { errors } = await ask(set, { rule: given }, token);
    expect(JSON.stringify(errors)).toContain(code);
  });
});

describe('targets of notifications in GraphQL', () => {
  const set =
    'mutation($target: NotificationTargetInput!) { setNotificationTarget(target: $target) { secret target { targetId kind url minSeverity minScore version changedBy } } }';
  const target = { targetId: 'pager', url: 'https://pager.example/hook', minScore: 40 };
  const token = 'acme.admin';

  it('are set, told of a test and taken away by administrators, their secret shown once', async () => {
    const made = await graphData(rest.app, set, { variables: { target }, token });
    expect(made).toMatchObject({
      setNotificationTarget: {
        secret: expect.stringMatching(/^.{43}$/) as string,
        target: { ...target, kind: 'webhook', minSeverity: 'ERROR', version: 1, changedBy: token },
      },
    });
    const test =
      'mutation { testNotificationTarget(targetId: "pager") { targetId state title attempts { at } } }';
    const { testNotificationTarget: tested } = await graphData(rest.app, test, { token });
    expect(tested).toMatchObject({ targetId: 'pager', state: 'pending', attempts: [] });
    const asked =
      '{ notificationTargets { targetId url } notifications { targetId state title attempts { at } } }';
    expect(await graphData(rest.app, asked, { token: 'acme.analyst' })).toEqual({
      notificationTargets: [{ targetId: 'pager', url: target.url }],
      notifications: [tested],
    });
    const remove = 'mutation { removeNotificationTarget(targetId: "pager") { targetId } }';
    expect(await graphData(rest.app, remove, { token })).toEqual({ removeNotificationTarget: [] });
  });

  it.each([
    ['operators', 'acme.operator', target, 'ROLE_NOT_ALLOWED'],
    ['an address that is none', token, { ...target, url: 'javascript:alert(1)' }, 'ARGUMENT_INVALID'],
    ['a mailbox without an address', token, { targetId: 'on-call', kind: 'email' }, 'ARGUMENT_INVALID'],
    ['a severity that tells of everything', token, { ...target, minSeverity: 'INFO' }, 'ARGUMENT_INVALID'],
  ])('refuse %s', async (_what, by, given, code) => {
    const { errors } = await ask(set, { target: given }, by);
    expect(JSON.stringify(errors)).toContain(code);
  });
});
