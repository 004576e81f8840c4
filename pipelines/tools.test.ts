import { describe, expect, it } from 'vitest';

import { toolTopics } from '../contracts/topics.ts';
import type { LinkedDevice, ToolConnection } from '../stores/tool-directory.ts';
import { createTestDriver, type DrivenRecord, type PipedRecord } from '../streams/test-driver.ts';
import { place, tools } from './tools.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');
const minuteMs = 60_000;
const options = { latenessMs: 10 * minuteMs, rememberMs: 24 * 60 * minuteMs };

const connections: Readonly<Record<string, ToolConnection>> = {
  fleet_mysql: { tool: 'FLEET_MDM', server: 'fleet_mysql', tenantId: 'acme', scopes: { 7: 'umbrella' } },
  mesh: { tool: 'MESHCENTRAL', server: 'mesh', tenantId: null, scopes: { bakery: 'bakery' } },
};
const devices: Readonly<Record<string, LinkedDevice>> = {
  17: { tenantId: 'acme', deviceId: 'd-17', sinceMs: 0, history: [] },
  18: { tenantId: 'umbrella', deviceId: 'd-18', sinceMs: 0, history: [] },
};
const directory = {
  connection: async ({ server }: { readonly server: string }) => connections[server] ?? null,
  device: async (_: object, agentId: string) => devices[agentId] ?? null,
};

const row = (table: string, after: unknown, more: object = {}): string =>
  JSON.stringify({
    payload: {
      before: null,
      after,
      source: { name: 'fleet_mysql', table, ts_ms: startMs },
      op: 'c',
      ...more,
    },
  });

const activity = (id: number, type: string, details: object, teamId: number | null = null): PipedRecord => ({
  topic: toolTopics.fleetActivities,
  key: JSON.stringify({ id }),
  eventTimeMs: startMs,
  value: row('activities', {
    id,
    created_at: '2026-11-22T12:00:00Z',
    user_id: 42,
    user_name: 'Ada',
    activity_type: type,
    details: JSON.stringify(details),
    team_id: teamId,
  }),
});

const hostLink = (activityId: number, hostId: number): PipedRecord => ({
  topic: toolTopics.fleetHostActivities,
  key: JSON.stringify({ activity_id: activityId, host_id: hostId }),
  eventTimeMs: startMs,
  value: row('host_activities', { host_id: hostId, activity_id: activityId }),
});

const enrolled = (id: number): PipedRecord =>
  activity(id, 'mdm_enrolled', { host_serial: 'C02', host_display_name: 'mac-1', platform: 'darwin' });

/** Both topologies, one behind the other. */
async function pipeline() {
  const first = createTestDriver(tools, { startMs });
  const second = createTestDriver(place(options, directory), { startMs });
  let seen = 0;
  return {
    first,
    second,
    async pipe(...records: readonly PipedRecord[]): Promise<void> {
      await first.pipe(records);
      const decoded = first.outputs().slice(seen);
      seen += decoded.length;
      await second.pipe(
        decoded.map(({ key, value, eventTimeMs, headers }) => ({ key, value, eventTimeMs, headers })),
      );
    },
    events: () => second.outputs().map(placed),
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

function placed({ headers, json }: DrivenRecord): Readonly<Record<string, unknown>> {
  const { deviceJoin, device } = json as { deviceJoin?: string; device?: { agentId?: string } };
  return {
    id: headers['ce_id'],
    tenant: headers['tenant'],
    device: headers['device'],
    agentId: device?.agentId,
    join: deviceJoin,
  };
}

const idle = { tenant: 'acme', id: '1', device: undefined, agentId: undefined, join: undefined };

describe('tools', () => {
  it('writes an event of a tool as the gateway writes one of an agent', async () => {
    await using test = await pipeline();
    await test.pipe(
      activity(1, 'ran_script', { host_id: 17, host_display_name: 'pc-1', script_name: 'a.sh' }),
    );
    const [record] = test.second.outputs();
    expect(record?.key).toBe('acme:/tools/fleet-mdm/fleet_mysql/activities');
    expect(record?.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: '1',
      ce_source: '/tools/fleet-mdm/fleet_mysql/activities',
      ce_type: 'ran_script',
      ce_time: '2026-11-22T12:00:00.000Z',
      ce_userid: '42',
      'content-type': 'application/json',
      tenant: 'acme',
      device: 'd-17',
      eventid: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      ingesttime: String(startMs),
      tool: 'FLEET_MDM',
    });
  });

  it.each([
    ['the link comes first', [hostLink(1, 17), enrolled(1)]],
    ['the activity comes first', [enrolled(1), hostLink(1, 17)]],
  ])('joins an activity with its host where %s', async (_, records) => {
    await using test = await pipeline();
    for (const record of records) await test.pipe(record);
    expect(test.events()).toEqual([{ ...idle, device: 'd-17', agentId: '17', join: 'joined' }]);
  });

  it('joins a host that comes 9 minutes late, over a restart', async () => {
    await using test = await pipeline();
    await test.pipe(enrolled(1));
    await test.second.restart();
    await test.second.advanceTime(9 * minuteMs);
    expect(test.events()).toEqual([]);
    await test.pipe(hostLink(1, 17));
    expect(test.events()).toEqual([{ ...idle, device: 'd-17', agentId: '17', join: 'joined' }]);
  });

  it('sends an activity on after 10 minutes, and again with the host that comes after 11', async () => {
    await using test = await pipeline();
    await test.pipe(enrolled(1));
    await test.second.advanceTime(10 * minuteMs);
    expect(test.events()).toEqual([{ ...idle, join: 'missing' }]);
    await test.second.advanceTime(minuteMs);
    await test.pipe(hostLink(1, 17));
    expect(test.events()).toEqual([
      { ...idle, join: 'missing' },
      { ...idle, device: 'd-17', agentId: '17', join: 'back-filled' },
    ]);
    const [without, completed] = test.second.outputs();
    expect(completed?.headers['eventid']).toBe(without?.headers['eventid']);
    expect(completed?.headers['replay']).toBe('back-filled/acme:/tools/fleet-mdm/fleet_mysql/activities');
    expect([without, completed].map((record) => record?.headers['completesevent'])).toEqual([
      undefined,
      'true',
    ]);
  });

  it('does not keep an activity waiting that is about no host', async () => {
    await using test = await pipeline();
    await test.pipe(activity(1, 'user_logged_in', { public_ip: '192.0.2.1' }));
    expect(test.events()).toEqual([idle]);
  });

  it('places by the scope before the connection, and takes no device of another tenant', async () => {
    await using test = await pipeline();
    await test.pipe(
      activity(1, 'locked_host', { host_id: 18 }, 7),
      activity(2, 'locked_host', { host_id: 17 }, 7),
      activity(3, 'locked_host', { host_id: 18 }, 8),
    );
    expect(test.events().map(({ tenant, device }) => [tenant, device])).toEqual([
      ['umbrella', 'd-18'],
      ['umbrella', undefined],
    ]);
    expect(test.second.deadLetters().map(({ reason }) => reason)).toEqual([
      'TENANT_UNKNOWN: FLEET_MDM fleet_mysql scope 8',
    ]);
  });

  it('sends to the dead letters what cannot be placed, and to nobody', async () => {
    await using test = await pipeline();
    const mesh = (domain: string, server: string): PipedRecord => ({
      topic: toolTopics.meshcentral,
      key: domain,
      eventTimeMs: startMs,
      value: {
        op: 'c',
        source: { name: server, collection: 'events', ts_ms: startMs },
        after: JSON.stringify({
          _id: { $oid: `66${domain}` },
          time: { $date: startMs },
          etype: 'user',
          action: 'login',
          domain,
        }),
      },
    });
    await test.pipe(
      mesh('', 'mesh'),
      mesh('butcher', 'mesh'),
      mesh('bakery', 'mesh'),
      mesh('bakery', 'other'),
    );
    expect(test.events().map(({ tenant }) => tenant)).toEqual(['bakery']);
    expect(test.second.deadLetters().map(({ reason, tenantId }) => [reason, tenantId])).toEqual([
      ['TENANT_UNKNOWN: MESHCENTRAL mesh scope (none)', null],
      ['TENANT_UNKNOWN: MESHCENTRAL mesh scope butcher', null],
      ['CONNECTION_UNKNOWN: MESHCENTRAL other', null],
    ]);
  });

  it('counts what holds no event under its reason, and dead-letters what it cannot read', async () => {
    await using test = await pipeline();
    const topic = toolTopics.fleetActivities;
    await test.pipe(
      { topic, key: 'a', value: null, eventTimeMs: startMs },
      {
        topic,
        key: 'b',
        value: row('activities', { id: 1 }, { op: 'd', after: null }),
        eventTimeMs: startMs,
      },
      { topic, key: 'c', value: '{"half', eventTimeMs: startMs },
      { topic: toolTopics.other, key: 'd', value: '{}', eventTimeMs: startMs },
    );
    expect(test.first.status().stages[0]?.dropped).toEqual({ tombstone: 1, 'deleted row': 1 });
    expect(test.first.deadLetters().map(({ reason, topic: from }) => [reason, from])).toEqual([
      ['NOT_JSON: fleet-activity', toolTopics.fleetActivities],
      ['FORMAT_UNKNOWN: set the header message-type or content-type', toolTopics.other],
    ]);
  });

  it('takes equal ids of two tools and two tenants for four events', async () => {
    await using test = await pipeline();
    const audit = (id: number, client: string): PipedRecord => ({
      topic: toolTopics.tactical,
      key: `${client}${id}`,
      eventTimeMs: startMs,
      value: {
        op: 'c',
        source: { name: 'fleet_mysql', table: 'logs_auditlog', ts_ms: startMs },
        after: { id, object_type: 'user', action: 'login', username: 'bob', client_id: client },
      },
    });
    await test.pipe(
      activity(1, 'user_logged_in', {}),
      activity(1, 'user_logged_in', {}, 7),
      audit(1, ''),
      audit(1, '7'),
    );
    const ids = test.second.outputs().map(({ headers }) => headers['eventid']);
    expect([ids.length, new Set(ids).size]).toEqual([4, 4]);
  });
});
