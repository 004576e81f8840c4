import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { severities } from '../../contracts/event.ts';
import { eventIdOf } from '../../tests/query-api/enriched-events.ts';
import {
  keptByNorth,
  northOnly,
  ofNorth,
  openTwoTenants,
  type TwoTenants,
} from '../../tests/query-api/two-tenants.ts';

let tenants: TwoTenants;
let operations: readonly Operation[];
let kept: { readonly viewId: string; readonly linkId: string };

interface Operation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
}

const parameterSchema = z.object({ name: z.string(), in: z.string(), required: z.boolean().default(false) });
const operationSchema = z.object({ parameters: z.array(parameterSchema).default([]) });
const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), operationSchema)) });

beforeAll(async () => {
  tenants = await openTwoTenants();
  const { paths } = documentSchema.parse((await ask('GET', '/openapi.json', 'north.admin')).json());
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters }]) => ({
      method: method.toUpperCase() as Operation['method'],
      path: path.replace('/api/v1', ''),
      parameters,
    })),
  );
  const views = (await ask('GET', '/views', 'north.admin')).json<{ items: { viewId: string }[] }>();
  const link = (await ask('POST', '/links', 'north.admin', keptByNorth['/links'])).json<{ linkId: string }>();
  kept = { viewId: views.items[0]?.viewId ?? '', linkId: link.linkId };
});
afterAll(() => tenants[Symbol.asyncDispose]());

function ask(
  method: Operation['method'],
  path: string,
  token: string,
  payload?: object,
  headers: Readonly<Record<string, string>> = {},
) {
  return tenants.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}

/** Of no tenant, or the caller's own sign-in; the tail is followed in a test of its own, as it has no end. */
const leftOut = ['/session', '/openapi.json', '/pipelines', '/events/tail'];
const quote = "' OR tenant_id = 'north";

/** What north's rows are found by, for every parameter of every route. */
const aims: Readonly<Record<string, () => readonly string[]>> = {
  from: () => ['2026-01-01T00:00:00Z'],
  to: () => ['2026-02-10T00:00:00Z'],
  eventTypes: () => ['NORTHERN_TYPE'],
  toolTypes: () => ['OPENFRAME'],
  severities: () => [severities.join(',')],
  organizationIds: () => ['org-1', 'northern organization', quote],
  organizationId: () => ['org-1', quote],
  deviceId: () => ['twin', northOnly.deviceId, quote],
  deviceIds: () => [`twin,${northOnly.deviceId}`],
  eventId: () => [eventIdOf(1), northOnly.eventId],
  alertId: () => ['a1', northOnly.alertId],
  incidentId: () => ['a1', northOnly.alertId],
  ruleId: () => ['twin-rule'],
  windowId: () => ['twin-window'],
  parentId: () => ['twin-host'],
  targetId: () => ['twin-target'],
  viewId: () => [kept.viewId],
  linkId: () => [kept.linkId],
  search: () => ['northern', quote],
  name: () => ['cpu', 'northern'],
  status: () => ['ONLINE', 'OFFLINE'],
  statuses: () => ['OPEN'],
  states: () => ['FIRING'],
  minScore: () => ['12'],
  visibility: () => ['hidden', 'review'],
  stage: () => ['decode'],
  reason: () => ['northern', 'NOT_JSON'],
  bucket: () => ['1d'],
  groupBy: () => ['severity', 'eventType', 'toolType', 'organizationId', 'deviceId'],
  agg: () => ['avg', 'max', 'count'],
  sort: () => ['asc', 'desc', 'newest'],
  format: () => ['csv', 'ndjson'],
  limit: () => ['100'],
  top: () => ['50'],
  count: () => ['50'],
  /** Cursors are tried by themselves. */
  cursor: () => [],
};

/** The addresses of each try of a route: one parameter aimed, those beside it that are required. */
function triesOf({ path, parameters }: Operation): readonly string[] {
  const valuesOf = (name: string): readonly string[] => {
    const values = aims[name]?.();
    if (values === undefined) throw new Error(`Say in \`aims\` what north's rows are found by in ${name}.`);
    return values;
  };
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const required = inQuery.filter((parameter) => parameter.required).map(({ name }) => name);
  const queries = [{}, ...inQuery.flatMap(({ name }) => valuesOf(name).map((value) => ({ [name]: value })))];
  const paths = inPath.reduce<readonly string[]>(
    (before, { name }) =>
      before.flatMap((one) =>
        valuesOf(name).map((value) => one.replace(`{${name}}`, encodeURIComponent(value))),
      ),
    [path],
  );
  return paths.flatMap((one) =>
    queries.map((query) => {
      const all = new URLSearchParams(query);
      for (const name of required) if (!all.has(name)) all.set(name, valuesOf(name)[0] ?? '');
      return all.size === 0 ? one : `${one}?${all.toString()}`;
    }),
  );
}

/** A body for every route that takes one: what would change or read north's, were it south's. */
const bodies: Readonly<Record<string, object>> = {
  '/alerts/{alertId}/acknowledge': {},
  '/alerts/{alertId}/snooze': { until: '2031-01-01T00:00:00Z' },
  '/alerts/{alertId}/resolve': { whenClear: true },
  '/alerts/{alertId}/reopen': {},
  '/alerts/{alertId}/assign': { assignee: 'south' },
  '/alerts/{alertId}/comment': { text: 'south' },
  '/alerts/{alertId}/feedback': { verdict: 'noise' },
  '/alerts/{alertId}/undo': {},
  '/incidents/{incidentId}/triage': {},
  '/rules': { ...keptByNorth['/rules'], title: 'south' },
  '/rules/{ruleId}/remove': {},
  '/rules/test': { rule: { ...keptByNorth['/rules'], title: 'south' } },
  '/windows': { ...keptByNorth['/windows'], title: 'south' },
  '/windows/preview': { ...keptByNorth['/windows'], title: 'south' },
  '/windows/{windowId}/end': {},
  '/windows/{windowId}/remove': {},
  '/parents': { parentId: 'twin-host', deviceIds: ['twin'] },
  '/parents/{parentId}/remove': {},
  '/notification-targets': { ...keptByNorth['/notification-targets'], url: 'https://south.example/hook' },
  '/notification-targets/{targetId}/remove': {},
  '/notification-targets/{targetId}/test': {},
  '/sql': { sql: 'SELECT * FROM events' },
  '/dead-letters/replay': { ids: ['letter-1'], dryRun: false },
  '/views': { ...keptByNorth['/views'], name: 'south', search: '?search=south' },
  '/links': { page: 'explore', search: '?search=south' },
};

const isWalked = ({ path }: Operation): boolean => !leftOut.includes(path);

/** All that north would see of its own, to be the same afterwards. */
async function northSees(): Promise<readonly string[]> {
  const lists = operations.filter((one) => one.method === 'GET' && isWalked(one));
  const seen = [];
  for (const list of lists) {
    for (const address of triesOf(list))
      seen.push(`${address} ${(await ask('GET', address, 'north.admin')).body}`);
  }
  return seen.map((text) => text.replaceAll(/"completeness":\{.*?\}\}|"etag":"[^"]*"/g, ''));
}

describe('as another tenant', () => {
  it('every route that reads answers nothing of north, whatever it is asked by', async () => {
    let answered = 0;
    for (const operation of operations.filter((one) => one.method === 'GET' && isWalked(one))) {
      for (const address of triesOf(operation)) {
        const { body, statusCode } = await ask('GET', address, 'south.admin');
        expect(ofNorth(body), address).toEqual([]);
        if (statusCode === 200) answered++;
      }
    }
    expect(answered).toBeGreaterThan(60);
  });

  it('every route that reads finds north for north', async () => {
    const silent = [
      '/devices/facets',
      '/alerts/stats',
      '/alerts/suppression',
      '/alerts/noise',
      '/incidents/stats',
      '/notifications',
      '/sql',
    ];
    for (const operation of operations.filter((one) => one.method === 'GET' && isWalked(one))) {
      const bodiesOf = await Promise.all(
        triesOf(operation).map((address) => ask('GET', address, 'north.admin')),
      );
      const found = bodiesOf.some(({ body }) => ofNorth(body).length > 0);
      expect(found || silent.includes(operation.path), operation.path).toBe(true);
    }
  });

  it('no answer that was cached for north is confirmed to south', async () => {
    for (const operation of operations.filter((one) => one.method === 'GET' && isWalked(one))) {
      for (const address of triesOf(operation)) {
        const { headers } = await ask('GET', address, 'north.admin');
        expect(headers['cache-control'], address).toMatch(/no-store|private/);
        expect(String(headers['vary']), address).toContain('authorization');
        const tag = headers['etag'];
        if (typeof tag !== 'string') continue;
        const again = await ask('GET', address, 'south.admin', undefined, { 'if-none-match': tag });
        expect(again.statusCode, address).not.toBe(304);
      }
    }
  });

  it('no list goes on from a cursor of north', async () => {
    const paged = operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'));
    expect(paged.length).toBeGreaterThanOrEqual(3);
    for (const { path } of paged) {
      const page = (await ask('GET', `${path}?limit=1`, 'north.admin')).json<{ nextCursor: string | null }>();
      expect(page.nextCursor, path).not.toBeNull();
      const next = await ask('GET', `${path}?limit=1&cursor=${page.nextCursor ?? ''}`, 'south.admin');
      expect(next.json(), path).toMatchObject({ code: 'CURSOR_INVALID' });
    }
  });

  it('every route that changes something leaves north as it was', async () => {
    const before = await northSees();
    for (const operation of operations.filter((one) => one.method !== 'GET' && isWalked(one))) {
      const body = bodies[operation.path];
      if (body === undefined && operation.method === 'POST')
        throw new Error(`Give a body for ${operation.path}.`);
      for (const address of triesOf(operation)) {
        const answer = await ask(operation.method, address, 'south.admin', body);
        // South's own alert may be in a state that the action does not fit; all else is understood.
        if (!address.includes('/a1/')) expect(answer.statusCode, `${address} ${answer.body}`).not.toBe(400);
        expect(ofNorth(answer.body), address).toEqual([]);
      }
    }
    expect(await northSees()).toEqual(before);
  });

  it('no column of the SQL console has a value of north, of events or of samples', async () => {
    const { tables } = (await ask('GET', '/sql', 'south.admin')).json<{
      tables: { name: string; columns: { name: string }[] }[];
    }>();
    const questions = tables.flatMap(({ name, columns }) => [
      `SELECT * FROM ${name}`,
      `SELECT count(*) FROM ${name} a, ${name} b`,
      ...columns.map((column) => `SELECT ${column.name}, count(*) FROM ${name} GROUP BY ALL`),
    ]);
    for (const sql of questions) {
      const { body, statusCode } = await ask('POST', '/sql', 'south.admin', { sql });
      expect(statusCode, `${sql} ${body}`).toBe(200);
      expect(ofNorth(body), sql).toEqual([]);
      expect(JSON.parse(body), sql).not.toMatchObject({ rows: [] });
    }
    const ours = await ask('POST', '/sql', 'north.admin', { sql: 'SELECT * FROM samples' });
    expect(ofNorth(ours.body)).not.toEqual([]);
  });
});
