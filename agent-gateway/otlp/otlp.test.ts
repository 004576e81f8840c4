import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { delimited, logsRequest } from '../../enrichers/decoders/otlp/wire.fixture.ts';
import { createTestGateway, noonMs, type TestGateway } from '../gateway.fixture.ts';
import { logRecord, resourceMetrics } from './telemetry.fixture.ts';

let gateway: TestGateway;
let token: string;

beforeEach(async () => {
  gateway = await createTestGateway();
  token = await gateway.token();
});
afterEach(() => gateway[Symbol.asyncDispose]());

const types = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;

async function post(path: string, encoding: keyof typeof types, payload: Uint8Array | string) {
  const response = await gateway.app.inject({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${token}`, 'content-type': types[encoding] },
    payload: Buffer.from(payload),
  });
  return { status: response.statusCode, type: response.headers['content-type'], body: response.rawPayload };
}

async function storedEvents(): Promise<
  {
    readonly device: string | undefined;
    readonly type: string | undefined;
    readonly timeMs: number;
    readonly data: unknown;
  }[]
> {
  return (await gateway.stored()).map((record) => ({
    device: record.headers['device'],
    type: record.headers['ce_type'],
    timeMs: record.eventTimeMs,
    data: JSON.parse(Buffer.from(record.value ?? []).toString()) as unknown,
  }));
}

const serializers = {
  json: { logs: JsonLogsSerializer, metrics: JsonMetricsSerializer },
  protobuf: { logs: ProtobufLogsSerializer, metrics: ProtobufMetricsSerializer },
};

describe.each(['json', 'protobuf'] as const)('OTLP over HTTP in %s', (encoding) => {
  const { logs, metrics } = serializers[encoding];

  it('takes log records as openframe.log events of the device that the resource names', async () => {
    const body = logs.serializeRequest([
      logRecord(),
      logRecord({ body: { code: 7, list: ['a', true, 1.5] } }),
    ]);
    const answer = await post('/v1/logs', encoding, body ?? '');
    expect(answer).toMatchObject({ status: 200, type: types[encoding] });
    expect(logs.deserializeResponse(answer.body).partialSuccess ?? null).toBeNull();
    const [first, second] = await storedEvents();
    expect(first).toEqual({
      device: 'host-1',
      type: 'openframe.log',
      timeMs: noonMs - 1000,
      data: {
        message: 'disk is full',
        severityText: 'ERROR',
        logger: 'kernel',
        timeUnixNano: `${noonMs - 1000}000123`,
        attributes: { 'disk.name': 'sda', __proto__x: 1, big: 2 ** 40 },
        resource: { 'host.id': 'host-1', 'os.type': 'linux' },
      },
    });
    expect(JSON.parse((second?.data as { message: string }).message)).toEqual({
      code: 7,
      list: ['a', true, 1.5],
    });
  });

  it('takes points as openframe.metrics events, those of a moment together', async () => {
    const body = metrics.serializeRequest(resourceMetrics());
    const answer = await post('/v1/metrics', encoding, body ?? '');
    expect(answer).toMatchObject({ status: 200, type: types[encoding] });
    expect(await storedEvents()).toEqual([
      {
        device: 'host-1',
        type: 'openframe.metrics',
        timeMs: noonMs - 1000,
        data: {
          samples: [
            { name: 'system.cpu.utilization', value: 0.25, unit: '1', labels: { cpu: '0' } },
            { name: 'system.disk.io', value: -12, unit: 'By' },
            { name: 'http.server.duration.count', value: 3, unit: '1' },
            { name: 'http.server.duration.sum', value: 1.5, unit: 's' },
          ],
        },
      },
    ]);
  });

  it('knows a request that comes again, and tells equal records in one request apart', async () => {
    const body = logs.serializeRequest([logRecord(), logRecord()]);
    await post('/v1/logs', encoding, body ?? '');
    await post('/v1/logs', encoding, body ?? '');
    expect(await storedEvents()).toHaveLength(2);
  });

  it('says in partialSuccess what it refused', async () => {
    const old = logRecord({ hrTime: [1, 0] });
    const answer = await post('/v1/logs', encoding, logs.serializeRequest([old, logRecord()]) ?? '');
    expect(answer.status).toBe(200);
    const { partialSuccess } = logs.deserializeResponse(answer.body);
    expect(Number(partialSuccess?.rejectedLogRecords)).toBe(1);
    expect(partialSuccess?.errorMessage).toContain('1970');
    expect(await storedEvents()).toHaveLength(1);
  });

  it('refuses for a token of one device what another one says', async () => {
    token = await gateway.token({ deviceId: 'host-2' });
    const answer = await post('/v1/logs', encoding, logs.serializeRequest([logRecord()]) ?? '');
    expect(Number(logs.deserializeResponse(answer.body).partialSuccess?.rejectedLogRecords)).toBe(1);
    token = await gateway.token({ deviceId: 'host-1' });
    await post('/v1/logs', encoding, logs.serializeRequest([logRecord()]) ?? '');
    expect(await storedEvents()).toHaveLength(1);
  });

  it('answers a body that is cut with 400 and a Status in the same form', async () => {
    const body = Buffer.from(logs.serializeRequest([logRecord()]) ?? []);
    const answer = await post('/v1/logs', encoding, body.subarray(0, body.length - 3));
    expect(answer).toMatchObject({ status: 400, type: types[encoding] });
    expect(answer.body.toString('utf8')).toContain('The body is no OTLP request');
  });
});

it('answers other media types with 415', async () => {
  const response = await gateway.app.inject({
    method: 'POST',
    url: '/v1/logs',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
    payload: 'x',
  });
  expect(response.statusCode).toBe(415);
});

it('asks for a token', async () => {
  token = 'of_unknown';
  expect((await post('/v1/metrics', 'json', '{}')).status).toBe(401);
});

it('counts points without a finite value as rejected', async () => {
  const request = {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: 'a', gauge: { dataPoints: [{ asDouble: 'NaN' }, { asInt: '5' }, { flags: 1 }] } },
            ],
          },
        ],
      },
    ],
  };
  const { body } = await post('/v1/metrics', 'json', JSON.stringify(request));
  expect(JSON.parse(body.toString())).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } });
  expect(await storedEvents()).toMatchObject([{ data: { samples: [{ name: 'a', value: 5 }] } }]);
});

it('takes a value whose number is an object that has no text', async () => {
  const record = { timeUnixNano: `${noonMs}000000`, body: { intValue: { toString: 1, valueOf: 2 } } };
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
  expect((await post('/v1/logs', 'json', JSON.stringify(request))).status).toBe(200);
  expect(await storedEvents()).toMatchObject([{ data: { message: '' } }]);
});

it('turns any JSON into an answer, never into a fault', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.jsonValue(),
      fc.constantFrom('resourceLogs', 'resourceMetrics'),
      async (value, name) => {
        const nested = {
          [name]: [
            { scopeLogs: [{ logRecords: [value] }], scopeMetrics: [{ metrics: [value] }], resource: value },
          ],
        };
        for (const body of [value, nested]) {
          const { status } = await post(
            name === 'resourceLogs' ? '/v1/logs' : '/v1/metrics',
            'json',
            JSON.stringify(body),
          );
          expect(status).toBe(200);
        }
      },
    ),
    { numRuns: 50 },
  );
});

const values = {
  arrays: (inner: Buffer) => delimited(5, delimited(1, inner)),
  maps: (inner: Buffer) => delimited(6, delimited(1, delimited(2, inner))),
};

describe.each(Object.entries(values))('values nested as %s', (_, wrap) => {
  const nested = (depth: number): Buffer => {
    let value = delimited(1, Buffer.from('deep'));
    for (let i = 0; i < depth; i++) value = wrap(value);
    return logsRequest(delimited(5, value));
  };

  it('are read to a depth that is meant', async () => {
    expect((await post('/v1/logs', 'protobuf', nested(20))).status).toBe(200);
  });

  it('are refused 10,000 deep', async () => {
    const answer = await post('/v1/logs', 'protobuf', nested(10_000));
    expect(answer.status).toBe(400);
    expect(answer.body.toString()).toContain('max depth exceeded');
  });
});

it.each([
  ['a known field of another wire type', logsRequest(Buffer.from([0x0a, 0])), 'timeUnixNano has wire type 2'],
  ['a message where a number stands', Buffer.from([0x08, 1]), 'resourceLogs has wire type 0'],
  ['a length beyond the end', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]), 'out of range'],
  ['a number without an end', Buffer.alloc(20, 0xff), ''],
])('refuses %s', async (_, body, reason) => {
  const answer = await post('/v1/logs', 'protobuf', body);
  expect(answer.status).toBe(400);
  expect(answer.body.toString()).toContain('The body is no OTLP request in protobuf');
  expect(answer.body.toString()).toContain(reason);
});
