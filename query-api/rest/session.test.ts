import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createManualClock } from '../../streams/clock.ts';
import { createRestApp } from '../../tests/query-api/rest-app.ts';
import { openRestStores } from '../../tests/query-api/rest-stores.ts';

const stack = new AsyncDisposableStack();
let app: FastifyInstance;

beforeAll(async () => {
  app = await createRestApp(stack.use(await openRestStores(createManualClock())));
  stack.defer(() => app.close());
});

afterAll(() => stack.disposeAsync());

const readers = [
  '/events',
  '/events/00000000-0000-5000-8000-000000000001',
  '/events/facets',
  '/events/stats',
  '/events/export',
  '/events/tail',
  '/devices',
  '/devices/d1',
  '/devices/facets',
  '/metrics/series?name=x',
  '/pipelines',
  '/session',
];

function signIn(payload: unknown) {
  return app.inject({ method: 'POST', url: '/api/v1/session', payload: payload as object });
}

describe('reading', () => {
  it.each(readers)('of %s needs a token', async (path) => {
    const response = await app.inject({ url: `/api/v1${path}` });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ code: 'TOKEN_INVALID' });
    expect(response.headers['www-authenticate']).toContain('Bearer');
  });

  it.each(readers)('of %s is not for agents', async (path) => {
    const response = await app.inject({
      url: `/api/v1${path}`,
      headers: { authorization: 'Bearer acme.agent' },
    });
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ code: 'ROLE_NOT_ALLOWED' });
  });

  it.each([
    ['Bearer acme.expired', 'TOKEN_EXPIRED'],
    ['Bearer acme.nobody', 'TOKEN_INVALID'],
    ['Bearer', 'TOKEN_INVALID'],
    ['Bearer ', 'TOKEN_INVALID'],
    ['Basic YTpi', 'TOKEN_INVALID'],
    ['acme.admin', 'TOKEN_INVALID'],
  ])('with %j is refused: %s', async (authorization, code) => {
    const response = await app.inject({ url: '/api/v1/events', headers: { authorization } });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ code });
  });

  it('says who is wrong before it says what', async () => {
    const response = await app.inject({ url: '/api/v1/events?limit=x' });
    expect(response.statusCode).toBe(401);
  });
});

describe('a session', () => {
  it('is a cookie that scripts cannot read and other sites cannot send, and it reads', async () => {
    const begun = await signIn({ token: 'acme.analyst' });
    expect(begun.json()).toEqual({ tenantId: 'acme', role: 'analyst' });
    const setCookie = String(begun.headers['set-cookie']);
    expect(setCookie).toBe('openframe_session=acme.analyst; Path=/; HttpOnly; SameSite=Strict');
    const cookie = `theme=dark; ${setCookie.split(';')[0]}; other=1`;
    const current = await app.inject({ url: '/api/v1/session', headers: { cookie } });
    expect(current.json()).toEqual({ tenantId: 'acme', role: 'analyst' });
    expect((await app.inject({ url: '/api/v1/events', headers: { cookie } })).statusCode).toBe(200);
  });

  it('gives way to a token that comes with it', async () => {
    const headers = { cookie: 'openframe_session=acme.analyst', authorization: 'Bearer umbrella.admin' };
    const current = await app.inject({ url: '/api/v1/session', headers });
    expect(current.json()).toEqual({ tenantId: 'umbrella', role: 'admin' });
  });

  it.each(['openframe_session=', 'openframe_session', 'xopenframe_session=acme.admin', ''])(
    'is not begun by the cookie %j',
    async (cookie) => {
      expect((await app.inject({ url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(401);
    },
  );

  it('ends', async () => {
    const ended = await app.inject({ method: 'DELETE', url: '/api/v1/session' });
    expect(ended.statusCode).toBe(204);
    expect(ended.headers['set-cookie']).toBe(
      'openframe_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0',
    );
  });

  it.each([
    [{ token: 'acme.nobody' }, 401, 'TOKEN_INVALID'],
    [{ token: 'acme.agent' }, 403, 'ROLE_NOT_ALLOWED'],
    [{ token: 'acme.admin; Path=/x' }, 400, 'ARGUMENT_INVALID'],
    [{ token: 'acme.admin\r\nset-cookie: a=b' }, 400, 'ARGUMENT_INVALID'],
    [{ token: '' }, 400, 'ARGUMENT_INVALID'],
    [{ token: ['acme.admin'] }, 400, 'ARGUMENT_INVALID'],
    [{ token: 'acme.admin', also: 1 }, 400, 'ARGUMENT_INVALID'],
    [{}, 400, 'ARGUMENT_INVALID'],
    [[], 400, 'ARGUMENT_INVALID'],
    [undefined, 400, 'ARGUMENT_INVALID'],
  ])('is not begun by %j', async (payload, status, code) => {
    const response = await signIn(payload);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ code });
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  it('is not begun by a form of another site', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { 'content-type': 'text/plain' },
      payload: '{"token":"acme.admin"}',
    });
    expect(response.headers['set-cookie']).toBeUndefined();
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
  });
});
