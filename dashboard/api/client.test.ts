import { describe, expect, it } from 'vitest';

import { apiUrl, createApi, isAway, isDenied, isSignedOut } from './client.ts';

function answering(status: number, body: unknown) {
  return createApi(() => Promise.resolve(new Response(JSON.stringify(body), { status })));
}

async function faultOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('apiUrl', () => {
  it('leaves out what is not asked for, joins lists and escapes', () => {
    const url = apiUrl('/events', {
      search: 'a&b',
      severities: ['ERROR', 'CRITICAL'],
      from: null,
      cursor: '',
      limit: 5,
    });
    expect(url).toBe('/api/v1/events?search=a%26b&severities=ERROR%2CCRITICAL&limit=5');
    expect(apiUrl('/events', { severities: [] })).toBe('/api/v1/events');
    const odd = new URL(apiUrl('/events', { organizationIds: ['a,b', 'c\\'] }), 'http://x').searchParams;
    expect(odd.get('organizationIds')).toBe('a\\,b,c\\\\');
  });
});

describe('createApi', () => {
  it('gives the answer', async () => {
    expect(await answering(200, { total: 3 }).get('/events/stats')).toEqual({ total: 3 });
  });

  it('throws the code and the words of a problem', async () => {
    const error = await faultOf(answering(401, { code: 'TOKEN_EXPIRED', detail: 'It ended.' }).session());
    expect(error).toMatchObject({ code: 'TOKEN_EXPIRED', message: 'It ended.' });
    expect(isSignedOut(error)).toBe(true);
  });

  it('knows a denial by its status alone', async () => {
    const error = await faultOf(answering(403, null).get('/pipelines'));
    expect(isDenied(error)).toBe(true);
  });

  it('tells a server that is away from one that has a fault', async () => {
    const unreachable = createApi(() => Promise.reject(new TypeError('Failed to fetch')));
    expect(isAway(await faultOf(unreachable.session()))).toBe(true);
    expect(isAway(await faultOf(answering(502, '<html>').session()))).toBe(true);
    expect(isAway(await faultOf(answering(500, { code: 'INTERNAL' }).session()))).toBe(false);
    expect(isAway(await faultOf(answering(503, { code: 'STORE_UNAVAILABLE' }).session()))).toBe(false);
  });
});
