import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

function post(path: string, body: object, token = 'acme.admin') {
  const headers = { authorization: `Bearer ${token}` };
  return rest.app.inject({ method: 'POST', url: `/api/v1${path}`, headers, payload: body });
}

const pager = { targetId: 'pager', url: 'https://pager.example/hook', minScore: 40 };

describe('targets of notifications', () => {
  it('are set by administrators, their secret shown once', async () => {
    expect((await post('/notification-targets', pager, 'acme.operator')).statusCode).toBe(403);
    const set = (await post('/notification-targets', pager)).json<{ secret: string; version: number }>();
    expect(set).toMatchObject({ targetId: 'pager', enabled: true, version: 1, changedBy: 'acme.admin' });
    expect(set.secret.length).toBeGreaterThan(40);
    const listed = JSON.stringify(await rest.answer('/notification-targets'));
    expect(listed).toContain('pager.example');
    expect(listed).not.toContain(set.secret);
    expect(listed).not.toContain('sealed');
    const again = (await post('/notification-targets', pager)).json<{ secret: string }>();
    expect(again.secret).not.toBe(set.secret);
    expect(await rest.answer('/notification-targets', 'umbrella.admin')).toEqual({
      items: [],
      nextCursor: null,
    });
    expect((await post('/notification-targets/pager/remove', {})).json()).toMatchObject({ items: [] });
  });

  it.each([
    { url: 'ftp://x.example' },
    { url: 'javascript:alert(1)' },
    { minScore: 101 },
    { targetId: '../x' },
    { kind: 'email' },
    { kind: 'email', url: undefined, address: 'a@b.example\r\nBcc: c@d.example' },
    { kind: 'email', url: undefined, address: 'a@b.example, c@d.example' },
    { address: 'a@b.example' },
  ])('are refused where they are none: %j', async (changes) => {
    const refused = await post('/notification-targets', { ...pager, ...changes });
    expect(refused.statusCode).toBe(400);
  });

  it('may be mailboxes, which have no secret, and can be told of a test', async () => {
    const mailbox = { targetId: 'on-call', kind: 'email', address: 'on-call@msp.example' };
    const set = (await post('/notification-targets', mailbox)).json<object>();
    expect(set).toMatchObject({ kind: 'email', address: mailbox.address, secret: null });
    expect((await post('/notification-targets/on-call/test', {}, 'acme.technician')).statusCode).toBe(403);
    expect((await post('/notification-targets/nobody/test', {})).statusCode).toBe(404);
    const test = (await post('/notification-targets/on-call/test', {})).json<object>();
    expect(test).toMatchObject({ targetId: 'on-call', kind: 'email', state: 'pending', attempts: [] });
    expect(await rest.answer('/notifications')).toMatchObject({ items: [test] });
  });

  it('tell nobody else what was told', async () => {
    expect(await rest.answer('/notifications', 'umbrella.admin')).toEqual({ items: [], nextCursor: null });
  });
});
