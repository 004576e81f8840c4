import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventIdOf } from '../../tests/query-api/enriched-events.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});

afterAll(() => rest[Symbol.asyncDispose]());

describe('a tenant', () => {
  it.each([`/events/${eventIdOf(99)}`, '/devices/u1'])(
    'is told that there is no %s of another',
    async (path) => {
      expect((await rest.get(path, 'umbrella.admin')).statusCode).toBe(200);
      expect(await rest.problem(path, 'acme.admin')).toMatchObject({ status: 404 });
    },
  );

  it.each([
    '/events?search=secret',
    '/events?deviceId=u1',
    '/events?organizationIds=org-u',
    '/events?limit=1000',
    '/events/facets',
    '/events/stats?groupBy=deviceId',
    '/events/stats?groupBy=organizationId&deviceId=u1',
    '/events/export?format=ndjson',
    '/events/export?deviceId=u1&format=csv',
    '/devices?search=u1',
    '/devices',
    '/devices/facets',
    '/metrics/series?name=system.cpu.utilization&deviceId=u1',
  ])('learns nothing of another by %s', async (path) => {
    const response = await rest.get(path, 'acme.admin');
    expect(response.statusCode).toBe(200);
    expect(response.body).not.toMatch(/umbrella|secret|u1"|org-u|hive/);
  });

  it("cannot go on with another's cursor", async () => {
    const { nextCursor } = await rest.events('/events?limit=1', 'acme.technician');
    expect(await rest.problem(`/events?limit=1&cursor=${nextCursor}`, 'umbrella.technician')).toMatchObject({
      code: 'CURSOR_INVALID',
    });
    const devices = await rest.devices('/devices?limit=1');
    expect(
      await rest.problem(`/devices?limit=1&cursor=${devices.nextCursor}`, 'umbrella.technician'),
    ).toMatchObject({ code: 'CURSOR_INVALID' });
  });
});

describe('a cursor', () => {
  it.each(['search=event', 'sort=asc', 'severities=INFO'])('is refused with %s added', async (query) => {
    const { nextCursor } = await rest.events('/events?limit=1');
    expect(await rest.problem(`/events?limit=1&${query}&cursor=${nextCursor}`)).toMatchObject({
      status: 400,
      code: 'CURSOR_INVALID',
      details: { field: 'cursor' },
    });
  });

  it.each(['abc', 'e30', encodeURIComponent('../../etc/passwd')])(
    'is refused where it is %s',
    async (cursor) => {
      expect(await rest.problem(`/events?cursor=${cursor}`)).toMatchObject({ code: 'CURSOR_INVALID' });
    },
  );
});

describe('a wrong parameter', () => {
  it.each([
    ['/events?limit=0', 'limit'],
    ['/events?limit=1001', 'limit'],
    ['/events?limit=', 'limit'],
    ['/events?from=yesterday', 'from'],
    ['/events?to=2026-01-31T08:00:00', 'to'],
    ['/events?from=2026-01-31T08:00:00+01:00', 'from'],
    ['/events?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['/events?severities=LOUD', 'severities'],
    ['/events?severities=', 'severities'],
    ['/events?toolTypes=NONE', 'toolTypes'],
    ['/events?sort=up', 'sort'],
    ['/events?search=', 'search'],
    [`/events?search=${'x'.repeat(257)}`, 'search'],
    ['/events?deviceId=a&deviceId=b', 'deviceId'],
    ['/events?form=1', 'form'],
    ['/events?__proto__=1', '__proto__'],
    ['/events/facets?cursor=x', 'cursor'],
    ['/events/stats?bucket=1x', 'bucket'],
    ['/events/stats?groupBy=tenantId', 'groupBy'],
    ['/events/stats?top=0', 'top'],
    ['/events/export?format=xml', 'format'],
    ['/events/export?limit=5', 'limit'],
    ['/events/tail?limit=5', 'limit'],
    ['/devices?status=BUSY', 'status'],
    ['/devices/facets?x=1', 'x'],
    ['/metrics/series?name=x&agg=p42', 'agg'],
    ['/pipelines?x=1', 'x'],
    ['/session?x=1', 'x'],
    ['/openapi.json?x=1', 'x'],
  ])('of %s is named: %s', async (path, field) => {
    const refusal = await rest.problem(path);
    expect(refusal).toMatchObject({ status: 400, code: 'QUERY_INVALID', details: { field } });
    expect(refusal.detail).toContain(`"${field}"`);
  });
});
