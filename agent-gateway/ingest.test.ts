import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { eventIdOf } from '../contracts/event-id.ts';
import { createTestGateway, noonMs, type TestGateway } from './gateway.fixture.ts';
import { type Answer, event, lines, post } from './events.fixture.ts';

let gateway: TestGateway;
let token: string;

beforeEach(async () => {
  gateway = await createTestGateway();
  token = await gateway.token();
});

afterEach(() => gateway[Symbol.asyncDispose]());

const send = (
  payload: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  to: TestGateway = gateway,
): Promise<Answer> => post(to, payload, { authorization: `Bearer ${token}`, ...headers });

describe('POST /ingest/v1/events', () => {
  it('stores an accepted event as a raw record before it answers', async () => {
    const answer = await send(lines(event()));
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, rejected: [] } });
    const [record] = await gateway.stored();
    expect(record?.key).toBe('north:/agents/d1');
    expect(record?.eventTimeMs).toBe(noonMs - 500);
    expect(Object.entries(record?.headers ?? {})).toEqual([
      ['ce_specversion', '1.0'],
      ['ce_id', 'e1'],
      ['ce_source', '/agents/d1'],
      ['ce_type', 'openframe.heartbeat'],
      ['ce_time', '2026-01-31T11:59:59.500Z'],
      ['content-type', 'application/json'],
      ['tenant', 'north'],
      ['device', 'd1'],
      ['eventid', eventIdOf('north', '/agents/d1', 'e1')],
      ['ingesttime', String(noonMs)],
    ]);
    expect(Buffer.from(record?.value ?? []).toString()).toBe('{"uptimeMs":5}');
  });

  it('takes the tenant from the token, whatever the event says', async () => {
    await send(
      lines(event({ tenant: 'south', tenantid: 'south', eventid: 'x', data: { tenantId: 'south' } })),
    );
    const [record] = await gateway.stored();
    expect(record?.headers).toMatchObject({ tenant: 'north' });
    expect(record?.headers['eventid']).toBe(eventIdOf('north', '/agents/d1', 'e1'));
  });

  it('takes one event, a batch as an array, and lines, each plain and gzipped', async () => {
    const bodies: readonly (readonly [string, string])[] = [
      ['application/cloudevents+json', JSON.stringify(event({ id: 'a' }))],
      ['application/cloudevents-batch+json; charset=UTF-8', JSON.stringify([event({ id: 'b' })])],
      ['application/x-ndjson', lines(event({ id: 'c' }))],
      ['application/x-ndjson', JSON.stringify(event({ id: 'd' }))],
      ['Application/X-NDJSON', lines(event({ id: 'e' })).replaceAll('\n', '\r\n')],
    ];
    for (const [type, text] of bodies) {
      const plain = await send(text, { 'content-type': type });
      expect(plain).toMatchObject({ status: 202, body: { accepted: 1, rejected: [] } });
      const gzipped = await send(gzipSync(text), { 'content-type': type, 'content-encoding': 'gzip' });
      expect(gzipped).toMatchObject({ status: 202, body: { accepted: 1, rejected: [] } });
    }
    const ids = (await gateway.stored()).map((r) => r.headers['ce_id']);
    expect(ids).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('names what it refuses by line, blank lines counted, and accepts the rest', async () => {
    const body = `${lines(event({ id: 'a' }))}\n  \nnot json\n${lines(event({ id: 'b' }), [1])}{"specversion":"1.0","id`;
    const { status, body: answer } = await send(body);
    expect(status).toBe(202);
    expect(answer.accepted).toBe(2);
    expect(answer.rejected?.map(({ index, code }) => [index, code])).toEqual([
      [3, 'EVENT_NOT_JSON'],
      [5, 'EVENT_INVALID'],
      [6, 'EVENT_NOT_JSON'],
    ]);
    expect((await gateway.stored()).map((r) => r.headers['ce_id'])).toEqual(['a', 'b']);
  });

  it('keeps a large body in order, over several sealed batches and turns', async () => {
    const many = Array.from({ length: 1703 }, (_, i) =>
      event({ id: `e${i}`, ...(i % 400 === 7 ? { time: 'never' } : {}), data: { pad: 'x'.repeat(4000) } }),
    );
    const { body } = await send(lines(...many));
    expect(body.accepted).toBe(1698);
    expect(body.rejected?.map((r) => r.index)).toEqual([7, 407, 807, 1207, 1607]);
    const ids = (await gateway.stored()).map((r) => r.headers['ce_id']);
    expect(ids).toEqual(many.flatMap((e, i) => (i % 400 === 7 ? [] : [e['id']])));
  });

  it('takes the same id with other data: which of them stays is settled behind the door', async () => {
    const { body } = await send(lines(event({ data: 1 }), event({ data: 2 })));
    expect(body.accepted).toBe(2);
    const records = await gateway.stored();
    expect(records.map((r) => r.headers['eventid'])).toEqual([eventIdOf('north', '/agents/d1', 'e1')]);
  });

  it('takes types that it does not know', async () => {
    const { body } = await send(lines(event({ type: 'com.example.unheard-of' })));
    expect(body).toEqual({ accepted: 1, rejected: [] });
  });

  it('stores text that no store can hold with U+FFFD in its place', async () => {
    const data =
      '{"nul":"a\\u0000b","lone":"\\ud800","pair":"\\ud83d\\ude00","\\udfff":1,"slash":"\\\\ud800"}';
    const line = JSON.stringify(event({ data: 0 })).replace('"data":0', `"data":${data}`);
    expect((await send(line)).body.accepted).toBe(1);
    const [record] = await gateway.stored();
    const value = Buffer.from(record?.value ?? []).toString();
    expect(JSON.parse(value)).toEqual({
      nul: 'a\ufffdb',
      lone: '\ufffd',
      pair: '😀',
      '\ufffd': 1,
      slash: '\\ud800',
    });
  });

  it('takes __proto__ and repeated members for plain names', async () => {
    const line = JSON.stringify(event()).replace(
      '{"uptimeMs":5}',
      '{"__proto__":{"x":"\\u0000"},"a":1,"a":2}',
    );
    expect((await send(line)).body.accepted).toBe(1);
    const [record] = await gateway.stored();
    expect(Buffer.from(record?.value ?? []).toString()).toBe('{"__proto__":{"x":"\ufffd"},"a":2}');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('a token that one device holds', () => {
  beforeEach(async () => {
    token = await gateway.token({ deviceId: 'd1' });
  });

  it.each([
    ['its own subject and source', {}],
    ['no subject', { subject: undefined }],
    ['its own source, escaped', { source: '/agents/%64%31' }],
    ['a part of its source', { source: '/agents/d1/otlp' }],
  ])('sends with %s', async (_, fields) => {
    expect((await send(lines(event(fields)))).body).toEqual({ accepted: 1, rejected: [] });
  });

  it.each([
    ["another's subject", 'subject', { subject: 'd2' }],
    ["another's source", 'source', { source: '/agents/d2' }],
    ["another's source and subject", 'subject', { source: '/agents/d2', subject: 'd2' }],
    ["another's source, escaped", 'source', { source: '/agents/%642' }],
    ['a source that is no agent', 'source', { source: 'urn:tool' }],
  ])('cannot send with %s', async (_, field, fields) => {
    const { body } = await send(lines(event({ id: 'own' }), event(fields)));
    expect(body.accepted).toBe(1);
    expect(body.rejected).toMatchObject([{ index: 1, code: 'DEVICE_NOT_YOURS', field }]);
  });
});

describe('quotas', () => {
  const quotas = {
    tenantEventsPerSecond: 10,
    tenantBurst: 10,
    deviceEventsPerSecond: 2,
    deviceBurst: 4,
  };
  const ofDevice = (deviceId: string, count: number): string =>
    lines(
      ...Array.from({ length: count }, (_, i) =>
        event({ id: `${deviceId}-${i}`, source: `/agents/${deviceId}`, subject: deviceId }),
      ),
    );

  it('refuse a tenant over its own with 429 and Retry-After, and delay no other tenant', async () => {
    await using limited = await createTestGateway({ quotas });
    token = await limited.token();
    expect((await send(ofDevice('d1', 4) + ofDevice('d2', 4), {}, limited)).status).toBe(202);
    const refused = await send(ofDevice('d3', 4), {}, limited);
    expect(refused).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await limited.stored()).toHaveLength(8);
    const mine = token;
    token = await limited.token({ tenantId: 'south' });
    expect((await send(ofDevice('d3', 4), {}, limited)).status).toBe(202);
    token = mine;
    await limited.clock.advance(1000);
    expect((await send(ofDevice('d3', 4), {}, limited)).status).toBe(202);
  });

  it('refuse a device over its own alone, beyond what it may still send', async () => {
    await using limited = await createTestGateway({ quotas });
    token = await limited.token();
    const { status, body } = await send(ofDevice('flood', 6) + ofDevice('quiet', 2), {}, limited);
    expect(status).toBe(202);
    expect(body.accepted).toBe(6);
    expect(body.rejected?.map(({ index, code }) => [index, code])).toEqual([
      [4, 'QUOTA_EXCEEDED'],
      [5, 'QUOTA_EXCEEDED'],
    ]);
  });

  it('say with 413 that a body is more than is ever granted', async () => {
    await using limited = await createTestGateway({ quotas });
    token = await limited.token();
    expect(await send(ofDevice('d1', 12), {}, limited)).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE' },
    });
  });

  it('are asked before a body is inflated', async () => {
    await using limited = await createTestGateway({ quotas });
    token = await limited.token();
    await send(ofDevice('d1', 4) + ofDevice('d2', 4) + ofDevice('d3', 2), {}, limited);
    const bomb = gzipSync(Buffer.alloc(80 << 20));
    expect((await send(bomb, { 'content-encoding': 'gzip' }, limited)).status).toBe(429);
  });
});
