import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const view = { name: 'Full disks', page: 'explore', search: '?eventTypes=DISK_FULL', team: true };

function ask(method: 'POST' | 'DELETE', path: string, payload?: object, token = 'acme.technician') {
  return rest.app.inject({
    method,
    url: `/api/v1/views${path}`,
    headers: { authorization: `Bearer ${token}` },
    ...(payload === undefined ? {} : { payload }),
  });
}

const names = async (token?: string): Promise<readonly string[]> => {
  const { items } = (await rest.answer('/views', token)) as { items: readonly { name: string }[] };
  return items.map(({ name }) => name);
};

describe('saved views', () => {
  it('are the team’s or the token’s own, and never another tenant’s', async () => {
    const added = await ask('POST', '', view);
    expect(added.statusCode).toBe(201);
    const { viewId } = added.json<{ viewId: string }>();
    expect(added.json()).toMatchObject({ ...view, mine: true });
    await ask('POST', '', { ...view, name: 'Only mine', team: false });
    expect(await names()).toEqual(['Full disks', 'Only mine']);
    expect(await names('acme.analyst')).toEqual(['Full disks']);
    expect(await names('umbrella.admin')).toEqual([]);
    expect((await ask('DELETE', `/${viewId}`, undefined, 'umbrella.admin')).statusCode).toBe(404);
    expect((await ask('DELETE', `/${viewId}`)).statusCode).toBe(204);
    expect(await names()).toEqual(['Only mine']);
    expect((await ask('DELETE', `/${viewId}`)).statusCode).toBe(404);
  });

  it('have short links beside them: one for a state, of its tenant alone', async () => {
    const add = (payload: object, token = 'acme.analyst') =>
      rest.app.inject({
        method: 'POST',
        url: '/api/v1/links',
        headers: { authorization: `Bearer ${token}` },
        payload,
      });
    const place = { page: 'explore', search: '?severities=ERROR&from=2026-01-31T08:00:00.000Z' };
    const { linkId } = (await add(place)).json<{ linkId: string }>();
    expect(linkId).toMatch(/^[\w-]{12}$/);
    expect((await add(place, 'acme.admin')).json()).toEqual({ linkId, ...place });
    expect(await rest.answer(`/links/${linkId}`, 'acme.technician')).toEqual({ linkId, ...place });
    expect((await rest.problem(`/links/${linkId}`, 'umbrella.admin')).code).toBe('NOT_FOUND');
    expect((await add(place, 'umbrella.admin')).json()).not.toMatchObject({ linkId });
    expect((await add({ ...place, page: '//evil' })).statusCode).toBe(400);
  });

  it.each([
    [{ ...view, name: ' ' }],
    [{ ...view, page: '../x' }],
    [{ ...view, search: 'javascript:' }],
    [{ ...view, team: 'yes' }],
    [{ ...view, more: 1 }],
    [{}],
  ])('refuse %j', async (body) => {
    expect((await ask('POST', '', body)).json()).toMatchObject({ status: 400, code: 'ARGUMENT_INVALID' });
  });
});
