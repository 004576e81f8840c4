import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { bodyFormats, decodeBody } from '../enrichers/decode-body.ts';
import { createTestGateway, noonMs, type TestGateway } from './gateway.fixture.ts';

const directory = {
  device: async (_: object, agentId: string) => ({
    ...(agentId === '17' ? { tenantId: 'north', deviceId: 'd-17' } : { tenantId: 'south', deviceId: 'd-18' }),
    sinceMs: 0,
    history: [],
  }),
};
const timestamp = new Date(noonMs).toISOString();
const policy = (...hosts: readonly number[]) => ({
  timestamp,
  policy: { id: 21, name: 'Disk encryption is on', team_id: null },
  hosts: hosts.map((id) => ({ id, display_name: `pc-${id}` })),
});

let gateway: TestGateway;
let token: string;

beforeEach(async () => {
  const tools = {
    formats: bodyFormats,
    decode: (...[scope, body]: Parameters<NonNullable<TestGateway['deps']['tools']>['decode']>) =>
      decodeBody(directory, scope, body),
  };
  gateway = await createTestGateway({ tools });
  token = await gateway.token();
});

afterEach(() => gateway[Symbol.asyncDispose]());

async function send(path: string, payload: unknown, authorization?: string) {
  const headers = {
    'content-type': 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
  };
  const url = `/ingest/v1/tools/${path}`;
  const { statusCode, body } = await gateway.app.inject({
    method: 'POST',
    url,
    headers,
    payload: JSON.stringify(payload),
  });
  return { status: statusCode, body: JSON.parse(body) as Record<string, unknown> };
}

describe('POST /ingest/v1/tools', () => {
  it("takes a webhook by the token in its URL, and takes no device of another tenant's", async () => {
    const answer = await send(`fleet-webhook/fleet?token=${token}`, policy(17, 18));
    expect(answer).toEqual({ status: 202, body: { accepted: 2, rejected: [] } });
    const stored = await gateway.stored();
    expect(
      stored.map(({ headers }) => [headers['tenant'], headers['device'], headers['tool'], headers['ce_id']]),
    ).toEqual([
      ['north', 'd-17', 'FLEET_MDM', `policy:21:17:${noonMs}`],
      ['north', undefined, 'FLEET_MDM', `policy:21:18:${noonMs}`],
    ]);
    expect(stored[0]?.key).toBe('north:/tools/fleet-mdm/fleet/webhooks');
  });

  it('keeps the user that an activity names', async () => {
    const activity = { timestamp, actor_id: 42, actor_full_name: 'Ada', type: 'user_logged_in', details: {} };
    await send('fleet-webhook/fleet', activity, `Bearer ${token}`);
    expect((await gateway.stored())[0]?.headers['ce_userid']).toBe('42');
  });

  it('refuses what it cannot decode, with the reason, and stores nothing of it', async () => {
    const answer = await send('fleet-webhook/fleet', { hello: 'world' }, `Bearer ${token}`);
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'EVENT_INVALID', details: { reason: 'WEBHOOK_UNKNOWN' } },
    });
    expect(await gateway.stored()).toEqual([]);
  });

  it.each([
    ['no token', 'fleet-webhook/fleet', 401, 'TOKEN_INVALID'],
    ['a wrong token', 'fleet-webhook/fleet?token=of_wrong', 401, 'TOKEN_INVALID'],
  ])('refuses %s', async (_, path, status, code) => {
    expect(await send(path, policy(17))).toMatchObject({ status, body: { code } });
  });

  it("refuses a device's token and a format that it does not know", async () => {
    const device = await gateway.token({ deviceId: 'd-17' });
    expect(await send('fleet-webhook/fleet', policy(17), `Bearer ${device}`)).toMatchObject({
      status: 403,
      body: { code: 'ROLE_NOT_ALLOWED' },
    });
    expect(await send('coffee/fleet', policy(17), `Bearer ${token}`)).toMatchObject({ status: 404 });
  });
});
