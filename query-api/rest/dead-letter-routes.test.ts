import { afterAll, beforeAll, expect, it } from 'vitest';

import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

function replay(payload: object, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  return rest.app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', headers, payload });
}

it('shows a tenant its own dead letters alone, whatever it asks for', async () => {
  expect(await rest.answer('/dead-letters')).toMatchObject({
    items: [{ deadLetterId: 'letter-1', tenantId: 'acme' }],
  });
  expect(await rest.answer('/dead-letters', 'umbrella.admin')).toEqual({ items: [], nextCursor: null });
  expect(await rest.answer('/dead-letters?stage=other')).toEqual({ items: [], nextCursor: null });
  expect(await rest.answer('/dead-letters/reasons')).toMatchObject({
    items: [{ stage: 'decode', count: 1 }],
  });
  expect((await rest.problem('/dead-letters?tenantId=umbrella')).code).toBe('QUERY_INVALID');
});

it('lets operators and administrators send them again, of their tenant alone', async () => {
  expect((await replay({ dryRun: false }, 'acme.technician')).json()).toMatchObject({
    code: 'ROLE_NOT_ALLOWED',
  });
  expect((await replay({ dryRun: true }, 'acme.operator')).json()).toEqual({
    replayed: 1,
    refused: 0,
    dryRun: true,
  });
  const others = await replay({ dryRun: false, ids: ['letter-1'] }, 'umbrella.admin');
  expect(others.json()).toEqual({ replayed: 0, refused: 0, dryRun: false });
  expect((await replay({ dryRun: false, tenantId: 'acme' }, 'umbrella.admin')).json()).toMatchObject({
    code: 'ARGUMENT_INVALID',
  });
});
