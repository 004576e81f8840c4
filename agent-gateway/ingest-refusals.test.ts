import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import { createTestGateway, type TestGateway } from './gateway.fixture.ts';
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

describe('a request that is refused whole', () => {
  const cases: readonly [string, number, string, string | Buffer, Record<string, string>][] = [
    ['no token', 401, 'TOKEN_INVALID', '', { authorization: '' }],
    ['an unknown token', 401, 'TOKEN_INVALID', '', { authorization: `Bearer of_${'x'.repeat(43)}` }],
    ['a type that is not taken', 415, 'MEDIA_TYPE_UNSUPPORTED', '{}', { 'content-type': 'text/csv' }],
    [
      'JSON that does not say what it is',
      415,
      'MEDIA_TYPE_UNSUPPORTED',
      '{}',
      { 'content-type': 'application/json' },
    ],
    [
      'a foreign charset',
      415,
      'MEDIA_TYPE_UNSUPPORTED',
      '',
      { 'content-type': 'application/x-ndjson;charset=utf-16' },
    ],
    ['a foreign encoding', 415, 'MEDIA_TYPE_UNSUPPORTED', '{}', { 'content-encoding': 'br' }],
    [
      'half a gzip body',
      400,
      'BODY_UNREADABLE',
      gzipSync('x'.repeat(9999)).subarray(0, 20),
      { 'content-encoding': 'gzip' },
    ],
    ['plain text said to be gzip', 400, 'BODY_UNREADABLE', '{"a":1}', { 'content-encoding': 'gzip' }],
    [
      'half an array',
      400,
      'BODY_UNREADABLE',
      '[{"a":1}',
      { 'content-type': 'application/cloudevents-batch+json' },
    ],
    [
      'a batch that is no array',
      400,
      'BODY_UNREADABLE',
      '{}',
      { 'content-type': 'application/cloudevents-batch+json' },
    ],
    [
      'an event that is no JSON',
      400,
      'BODY_UNREADABLE',
      '{',
      { 'content-type': 'application/cloudevents+json' },
    ],
    ['no body for an event', 400, 'BODY_UNREADABLE', '', { 'content-type': 'application/cloudevents+json' }],
    ['too many lines', 413, 'BODY_TOO_LARGE', '1\n'.repeat(10_001), {}],
    [
      'an array of 9 MiB',
      413,
      'BODY_TOO_LARGE',
      `["${'x'.repeat(9 << 20)}"]`,
      { 'content-type': 'application/cloudevents-batch+json' },
    ],
    ['17 MiB as sent', 413, 'BODY_TOO_LARGE', Buffer.alloc(17 << 20, 0x20), {}],
    ['a gzip bomb', 413, 'BODY_TOO_LARGE', gzipSync(Buffer.alloc(80 << 20)), { 'content-encoding': 'gzip' }],
  ];

  it.each(cases)('answers %s with %i %s', async (_, status, code, body, headers) => {
    const answer = await send(body, headers);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body.detail).toMatch(/: .+\.$/);
    expect(await gateway.stored()).toEqual([]);
  });

  it('answers an expired token with 401 TOKEN_EXPIRED', async () => {
    token = await gateway.token({ ttlMs: 1000 });
    await gateway.clock.advance(1000);
    const answer = await send(lines(event()));
    expect(answer).toMatchObject({ status: 401, body: { code: 'TOKEN_EXPIRED' } });
    expect(answer.headers['www-authenticate']).toContain('Bearer');
  });

  it.each(['technician', 'analyst'] as const)('answers a token of a %s with 403', async (role) => {
    token = await gateway.token({ role });
    expect(await send(lines(event()))).toMatchObject({ status: 403, body: { code: 'ROLE_NOT_ALLOWED' } });
  });

  it('answers 503 with Retry-After while events cannot be made durable', async () => {
    const full = new OpenFrameError('NOT_DURABLE_NOW', 'The disk is full: free some.', { retryable: true });
    await using broken = await createTestGateway({
      wrap: (messaging) => ({ ...messaging, publish: () => Promise.reject(full) }),
    });
    token = await broken.token();
    expect(await send(lines(event()), {}, broken)).toMatchObject({
      status: 503,
      body: { code: 'NOT_DURABLE_NOW' },
      headers: { 'retry-after': expect.anything() as unknown },
    });
  });

  it('says nothing of a fault of its own', async () => {
    await using broken = await createTestGateway({
      wrap: (messaging) => ({ ...messaging, publish: () => Promise.reject(new Error('secret path')) }),
    });
    token = await broken.token();
    const answer = await send(lines(event()), {}, broken);
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});

describe('an event that is refused alone', () => {
  /** As text: too deep for JSON.stringify. */
  const deep = (levels: number): string =>
    JSON.stringify(event()).replace('{"uptimeMs":5}', '['.repeat(levels) + ']'.repeat(levels));
  const cases: readonly [string, string, string | undefined, unknown][] = [
    ['a number', 'EVENT_INVALID', undefined, 5],
    ['null', 'EVENT_INVALID', undefined, null],
    ['without specversion', 'EVENT_INVALID', 'specversion', event({ specversion: undefined })],
    ['of CloudEvents 0.3', 'EVENT_INVALID', 'specversion', event({ specversion: '0.3' })],
    ['without id', 'EVENT_INVALID', 'id', event({ id: undefined })],
    ['with an empty id', 'EVENT_INVALID', 'id', event({ id: '' })],
    ['with a number for id', 'EVENT_INVALID', 'id', event({ id: 7 })],
    ['with a NUL in its id', 'EVENT_INVALID', 'id', event({ id: 'a\0' })],
    ['with a lone surrogate in its id', 'EVENT_INVALID', 'id', event({ id: 'a\ud800' })],
    ['with a long id', 'EVENT_INVALID', 'id', event({ id: 'x'.repeat(257) })],
    ['with spaces in its source', 'EVENT_INVALID', 'source', event({ source: '/agents/a b' })],
    ['with an object for type', 'EVENT_INVALID', 'type', event({ type: {} })],
    ['without time', 'EVENT_INVALID', 'time', event({ time: undefined })],
    ['with a number for time', 'EVENT_INVALID', 'time', event({ time: 1_700_000_000 })],
    ['with a time without zone', 'EVENT_INVALID', 'time', event({ time: '2026-01-31T12:00:00' })],
    ['dated 1970', 'EVENT_TIME_OUT_OF_RANGE', 'time', event({ time: '1970-01-01T00:00:00Z' })],
    ['dated 2100', 'EVENT_TIME_OUT_OF_RANGE', 'time', event({ time: '2100-01-01T00:00:00Z' })],
    ['with a number for subject', 'EVENT_INVALID', 'subject', event({ subject: 1 })],
    ['with XML in it', 'EVENT_INVALID', 'datacontenttype', event({ datacontenttype: 'text/xml' })],
    ['with binary data', 'EVENT_INVALID', 'data_base64', event({ data_base64: 'AAA=' })],
    ['with an object for an extension', 'EVENT_INVALID', 'ext', event({ ext: {} })],
    ['with a badly named extension', 'EVENT_INVALID', undefined, event({ Ext_1: 'x' })],
    ['33 levels deep', 'EVENT_TOO_DEEP', undefined, deep(32)],
    ['100,000 levels deep', 'EVENT_TOO_DEEP', undefined, deep(100_000)],
    ['of 10 MB', 'EVENT_TOO_LARGE', undefined, event({ data: 'x'.repeat(10_000_000) })],
    ['of 1.2 MB as UTF-8', 'EVENT_TOO_LARGE', undefined, event({ data: 'ä'.repeat(600_000) })],
  ];

  it.each(cases)('refuses one %s with %s', async (_, code, field, bad) => {
    const text = typeof bad === 'string' ? bad : JSON.stringify(bad);
    const { body } = await send(`${text}\n${lines(event())}`);
    expect(body.accepted).toBe(1);
    expect(body.rejected).toHaveLength(1);
    expect(body.rejected?.[0]).toMatchObject({ index: 0, code });
    expect(body.rejected?.[0]?.field).toBe(field);
    expect(body.rejected?.[0]?.message).toMatch(/: .+\.$/);
    expect(body.rejected?.[0]?.message.length).toBeLessThan(300);
  });

  it('takes an event that nests as deep as it may', async () => {
    expect((await send(deep(31))).body).toEqual({ accepted: 1, rejected: [] });
  });

  it('refuses a line that is not UTF-8, and takes the others as they are', async () => {
    const line = Buffer.from(lines(event({ data: 'ä' })));
    const broken = Buffer.from(line);
    broken[broken.indexOf(0xc3)] = 0xff;
    const { body } = await send(Buffer.concat([line, broken, line]));
    expect(body.accepted).toBe(2);
    expect(body.rejected).toMatchObject([{ index: 1, code: 'EVENT_NOT_JSON' }]);
    expect(Buffer.from((await gateway.stored())[0]?.value ?? []).toString()).toBe('"ä"');
  });
});
