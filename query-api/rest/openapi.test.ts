import { Validator } from '@seriousme/openapi-schema-validator';
import { readFile } from 'node:fs/promises';
import { fastify, type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { createManualClock } from '../../streams/clock.ts';
import { enrichedEvent, eventIdOf, fixtureTimeMs } from '../../tests/query-api/enriched-events.ts';
import { createRestApp } from '../../tests/query-api/rest-app.ts';
import { openRestStores } from '../../tests/query-api/rest-stores.ts';
import { createLiveTail } from '../live/live-tail.ts';
import { registerRest } from './rest.ts';

const schemaSchema = z.record(z.string(), z.unknown());
const documentSchema = z.object({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: schemaSchema })).optional(),
        responses: z.record(
          z.string(),
          z.object({ content: z.record(z.string(), z.object({ schema: schemaSchema })).optional() }),
        ),
      }),
    ),
  ),
  components: z.object({
    schemas: schemaSchema,
    responses: z.record(
      z.string(),
      z.object({ content: z.record(z.string(), z.object({ schema: schemaSchema })) }),
    ),
  }),
});
type OpenApi = z.infer<typeof documentSchema>;

const clock = createManualClock(fixtureTimeMs + 60_000);
const stack = new AsyncDisposableStack();
const authorization = 'Bearer acme.admin';
let app: FastifyInstance;
let document: OpenApi;
const registered: string[] = [];

beforeAll(async () => {
  const stores = stack.use(await openRestStores(clock));
  const samples = [{ name: 'system.cpu.utilization', value: 0.5, unit: '1' }];
  await stores.store([
    enrichedEvent(1, { organizationId: 'org-1', data: { message: 'disk' } }),
    enrichedEvent(2, { sourceType: 'openframe.metrics', data: { samples } }),
  ]);
  const os = { platform: 'linux', name: 'Debian', version: '13', arch: 'x64' };
  const inventory = { hostname: 'srv-01', organizationId: 'org-1', os, users: ['root'], tags: { rack: '1' } };
  await stores.devices.save([
    { tenantId: 'acme', deviceId: 'd1', lastSeenMs: fixtureTimeMs, inventory },
    { tenantId: 'acme', deviceId: 'd2', lastSeenMs: fixtureTimeMs },
  ]);
  app = await createRestApp(stores);
  stack.defer(() => app.close());
  document = documentSchema.parse((await app.inject({ url: '/api/v1/openapi.json' })).json());
  const listening = fastify();
  listening.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat())
      if (one !== 'HEAD') registered.push(`${one} ${url.replace(/:(\w+)/g, '{$1}')}`);
  });
  await registerRest(listening, {
    ...stores,
    tail: createLiveTail(stores),
    deadLetters: {
      list: () => Promise.resolve([]),
      reasons: () => Promise.resolve([]),
      replay: () => Promise.resolve({ replayed: 0, refused: 0, dryRun: true }),
    },
    ruleTrials: { test: () => Promise.reject(new Error('no log')) },
    windowPlans: { times: () => [] },
    triage: {
      read: () => Promise.resolve(null),
      ask: () => {
        throw new Error('nobody');
      },
    },
    authenticate: () => Promise.reject(new Error('nobody')),
    pipelines: () => Promise.resolve([]),
  });
  await listening.close();
});

afterAll(() => stack.disposeAsync());

/** The documented schema as a validator: `components` become the definitions that its references point to. */
function validatorOf(schema: Record<string, unknown>): z.ZodType {
  const whole = { ...schema, $defs: document.components.schemas };
  const text = JSON.stringify(whole).replaceAll('"#/components/schemas/', '"#/$defs/');
  return z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);
}

function documented(path: string, status = '200', method = 'get'): z.ZodType {
  const schema =
    document.paths[`/api/v1${path}`]?.[method]?.responses[status]?.content?.['application/json']?.schema;
  if (schema === undefined) throw new Error(`${method} ${path} documents no JSON for ${status}.`);
  return validatorOf(schema);
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { body } = await app.inject({ url: '/api/v1/openapi.json' });
    const validator = new Validator();
    const result = await validator.validate(JSON.parse(body) as Record<string, unknown>);
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has every route, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(registered.toSorted());
    expect(described).toContain('GET /api/v1/events/{eventId}');
  });

  it('has the routes that docs/rest.md has', async () => {
    const text = await readFile(new URL('../../docs/rest.md', import.meta.url), 'utf8');
    const headings = [...text.matchAll(/^### ([A-Z]+ \/api\/v1\S+)$/gm)].map((match) => match[1] ?? '');
    expect(headings.toSorted()).toEqual(registered.toSorted());
  });

  it('has one name for each operation, and points to nothing that is not there', () => {
    const names = Object.values(document.paths).flatMap((o) =>
      Object.values(o).map((one) => one.operationId),
    );
    expect(new Set(names).size).toBe(names.length);
    const references = JSON.stringify(document).match(/#\/components\/schemas\/[^"]+/g) ?? [];
    expect(references.length).toBeGreaterThan(3);
    for (const reference of references) {
      expect(Object.keys(document.components.schemas)).toContain(reference.split('/').at(-1));
    }
  });

  it('says what each parameter takes, and its default', () => {
    const parameters = document.paths['/api/v1/events']?.['get']?.parameters ?? [];
    const named = new Map(parameters.map((parameter) => [parameter.name, parameter]));
    expect([...named.keys()]).toEqual([
      'from',
      'to',
      'eventTypes',
      'toolTypes',
      'severities',
      'organizationIds',
      'deviceId',
      'search',
      'limit',
      'cursor',
      'sort',
    ]);
    expect(named.get('limit')?.schema).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 50,
    });
    expect(named.get('sort')?.schema).toMatchObject({ enum: ['asc', 'desc'], default: 'desc' });
    expect(named.get('severities')?.schema).toMatchObject({
      type: 'array',
      items: { enum: ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] },
    });
    expect(named.get('from')?.schema).toMatchObject({ type: 'string', format: 'date-time' });
  });

  it.each([
    ['/events', '/events'],
    ['/events/{eventId}', `/events/${eventIdOf(1)}`],
    ['/events/facets', '/events/facets'],
    ['/events/stats', '/events/stats?groupBy=severity&bucket=1m'],
    ['/devices', '/devices'],
    ['/devices/{deviceId}', '/devices/d1'],
    ['/devices/facets', '/devices/facets'],
    ['/metrics/series', '/metrics/series?name=system.cpu.utilization'],
    ['/rules', '/rules'],
    ['/alerts/suppression', '/alerts/suppression'],
    ['/alerts/noise', '/alerts/noise'],
    ['/incidents', '/incidents'],
    ['/incidents/stats', '/incidents/stats'],
    ['/pipelines', '/pipelines'],
    ['/session', '/session'],
    ['/openapi.json', '/openapi.json'],
  ])('describes what %s answers', async (path, url) => {
    const response = await app.inject({ url: `/api/v1${url}`, headers: { authorization } });
    expect(response.statusCode).toBe(200);
    const answer: unknown = response.json();
    expect(JSON.stringify(answer).length).toBeGreaterThan(30);
    expect(documented(path).safeParse(answer).error).toBeUndefined();
    expect(documented(path).safeParse({ unknown: answer }).success).toBe(path === '/openapi.json');
  });

  it('describes what a sign-in answers', async () => {
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { token: 'acme.admin' },
    });
    expect(documented('/session', '200', 'post').safeParse(response.json()).error).toBeUndefined();
  });

  it('describes the problems', async () => {
    const schema = document.components.responses['Problem400']?.content['application/problem+json']?.schema;
    const problem = validatorOf(schema ?? {});
    for (const url of ['/events?limit=x', '/events/x', '/devices/none', '/events?cursor=x']) {
      const response = await app.inject({ url: `/api/v1${url}`, headers: { authorization } });
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect(problem.safeParse(response.json()).error).toBeUndefined();
    }
    expect(problem.safeParse({ code: 'NOT_FOUND' }).success).toBe(false);
  });

  it('is not sent again to who has it, and needs no token', async () => {
    const first = await app.inject({ url: '/api/v1/openapi.json' });
    const etag = String(first.headers.etag);
    const again = await app.inject({ url: '/api/v1/openapi.json', headers: { 'if-none-match': etag } });
    expect(again.statusCode).toBe(304);
    expect(again.headers.etag).toBe(etag);
  });
});
