import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import { createSystemClock } from '../streams/clock.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { embeddedEngines } from './engines-embedded.ts';
import type { EngineName, Engines } from './engines.ts';
import type { RoleMessage } from './role-messages.ts';
import type { RoleName } from './role-names.ts';
import { runRole } from './role-process.ts';
import { roleStart } from './roles.ts';
import { readSettings } from './settings.ts';
import { openStores, type Stores } from './stores.ts';

const clock = createSystemClock();
let resources: AsyncDisposableStack;
let stores: Stores;
/** Engines that do not answer now. */
let away: Set<EngineName>;
let engines: Engines;

/** What every role gets at: the embedded engines, which belong to the test and outlive the roles. */
function shared<T extends AsyncDisposable>(name: EngineName, port: T): () => Promise<T> {
  const lent = new Proxy(port, {
    get(target, member) {
      if (member === Symbol.asyncDispose) return () => Promise.resolve();
      const value: unknown = Reflect.get(target, member, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return async () => {
    if (away.has(name)) throw new OpenFrameError('STORE_UNAVAILABLE', 'it is away', { retryable: true });
    return lent;
  };
}

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  away = new Set();
  const folder = resources.use(await createTempFolder());
  const own = embeddedEngines((name) => `${folder.path}/${name}`, readSettings(), clock);
  stores = resources.use(await openStores(own, clock));
  engines = {
    where: (name) => `the ${name}`,
    messaging: shared('messaging', stores.messaging),
    log: shared('log', stores.log),
    eventLog: shared('eventLog', stores.eventLog),
    // As an engine that reads the log by itself: what the event log writes is there.
    analytics: shared('analytics', {
      ...stores.analytics,
      name: 'analytics',
      write: () => Promise.resolve([]),
    }),
    documents: shared('documents', stores.documents),
    cache: shared('cache', stores.cache),
  };
});

afterEach(() => resources.disposeAsync());

interface StartedRole {
  readonly url: Promise<string>;
  readonly ready: Promise<void>;
  readonly waitingFor: () => readonly string[];
  /** Resolves when it is drained; rejects with what ended it. */
  readonly stop: () => Promise<void>;
  readonly ended: Promise<void>;
}

function start(role: RoleName, settings: Record<string, string> = {}, wait = true): StartedRole {
  const stopping = new AbortController();
  const url = Promise.withResolvers<string>();
  const ready = Promise.withResolvers<void>();
  let waitingFor: readonly string[] = [];
  const tell = (message: RoleMessage): void => {
    if (message.kind === 'listening') url.resolve(message.url);
    if (message.kind === 'waiting') waitingFor = message.for;
    if (message.kind === 'ready') ready.resolve();
  };
  const ended = runRole({
    name: role,
    start: roleStart(role),
    settings: readSettings({ OPENFRAME_PORT: '0', OPENFRAME_LOG_LEVEL: 'silent', ...settings }),
    engines,
    clock,
    wait,
    stop: stopping.signal,
    tell,
  });
  ended.catch(() => undefined);
  const stop = (): Promise<void> => {
    stopping.abort();
    return ended;
  };
  resources.defer(() => stop().catch(() => undefined));
  return { url: url.promise, ready: ready.promise, waitingFor: () => waitingFor, stop, ended };
}

async function get(url: string, token?: string): Promise<{ status: number; body: unknown }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await request(url, { headers });
  const text = await response.body.text();
  return { status: response.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text };
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await pause(20);
}

const line = (id: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/agents/d1',
    type: 'openframe.log',
    time: new Date().toISOString(),
    subject: 'd1',
    data: { message: `line ${id}`, severityText: 'WARN' },
  });

async function send(url: string, token: string, ids: readonly string[]): Promise<number> {
  const response = await request(`${url}/ingest/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    body: ids.map(line).join('\n'),
  });
  await response.body.dump();
  return response.statusCode;
}

describe('a role', () => {
  it('ends where one engine refuses it while another is being opened, and keeps nothing that opens later', async () => {
    const refusal = new OpenFrameError('CONFIGURATION_INVALID', 'the user may not');
    const opening = Promise.withResolvers<undefined>();
    const closed = Promise.withResolvers<undefined>();
    const late = { ...stores.log, [Symbol.asyncDispose]: () => Promise.resolve(closed.resolve(undefined)) };
    engines = {
      ...engines,
      messaging: () => Promise.reject(refusal),
      log: () => opening.promise.then(() => late),
    };
    const relay = start('relay');
    await expect(relay.ended).rejects.toBe(refusal);
    opening.resolve(undefined);
    await closed.promise;
  });

  it('answers while its engines are away, says which, and is ready once they are there', async () => {
    away.add('log');
    const relay = start('relay');
    const url = await relay.url;
    await until(async () => relay.waitingFor().some((what) => what.includes('it is away')));
    expect((await get(`${url}/healthz`)).status).toBe(200);
    const waiting = await get(`${url}/readyz`);
    expect(waiting.status).toBe(503);
    expect(JSON.stringify(waiting.body)).toContain('the log: it is away');
    away.clear();
    await relay.ready;
    expect(await get(`${url}/readyz`)).toMatchObject({
      status: 200,
      body: { pipelines: [{ name: 'relay' }] },
    });
    expect((await get(`${url}/metrics`)).body).toContain('openframe_pipeline_running{pipeline="relay"} 1');
  });

  it('asks senders to come again while the door starts, and does not say that there is none', async () => {
    away.add('documents');
    const gateway = start('gateway');
    const url = await gateway.url;
    expect(await send(url, 'any', ['a'])).toBe(503);
    away.clear();
    await gateway.ready;
    expect(await send(url, 'any', ['a'])).toBe(401);
    expect((await get(`${url}/nowhere`)).status).toBe(404);
  });

  it('ends at once where it shall not wait, and when it is stopped while it waits', async () => {
    away.add('log');
    const impatient = start('telemetry', {}, false);
    await expect(impatient.ended).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const patient = start('telemetry');
    await until(async () => patient.waitingFor().length > 0);
    await patient.stop();
  });

  it('lets one sink work while the store of another is away', async () => {
    away.add('documents');
    const sink = start('sink');
    const url = await sink.url;
    await until(async () => JSON.stringify((await get(`${url}/readyz`)).body).includes('event-log'));
    expect(await get(`${url}/readyz`)).toMatchObject({
      status: 503,
      body: {
        pipelines: expect.not.arrayContaining([expect.objectContaining({ name: 'devices' })]) as unknown[],
      },
    });
  });
});

describe('the roles together', () => {
  it('take an event at one address and answer it there, with the status of every process', async () => {
    const query = start('query');
    const roles = [start('relay'), start('telemetry'), start('sink'), start('alerts')];
    const gateway = start('gateway', { OPENFRAME_QUERY_URL: await query.url });
    await Promise.all([query, gateway, ...roles].map((role) => role.ready));
    const url = await gateway.url;
    const { token } = await stores.tokens.mint({ tenantId: 'acme', role: 'admin' });
    expect(await send(url, token, ['1', '2', '2'])).toBe(202);

    const lagging = async (): Promise<boolean> => {
      const lags = (await stores.log.lag()).filter(({ group }) => group === 'event-log');
      return lags.reduce((sum, { committedOffset }) => sum + committedOffset, 0) >= 2;
    };
    await until(lagging);
    await until(async () => {
      const { body } = await get(`${url}/api/v1/pipelines`, token);
      const { items } = body as { items: { name: string; recordsIn: number; state: string }[] };
      expect(items.map((item) => item.name)).toEqual([
        ...['relay', 'tools', 'place', 'telemetry', 'presence'],
        ...['event-log', 'analytics', 'devices', 'detect', 'alerts', 'alert-store'],
      ]);
      // No tool has sent anything. Both events report the same trouble: one alert.
      const passed = items.filter(({ name }) => name !== 'tools' && name !== 'place');
      const least = (name: string): number => (name === 'alert-store' ? 1 : 2);
      return passed.every((item) => item.state === 'running' && item.recordsIn >= least(item.name));
    });
    expect((await get(`${url}/api/v1/devices`, token)).body).toMatchObject({ items: [{ deviceId: 'd1' }] });
    const alerts = (await get(`${url}/api/v1/alerts`, token)).body;
    expect(alerts).toMatchObject({ items: [{ count: 2, deviceId: 'd1', status: 'OPEN' }] });
    expect((await get(`${url}/`)).status).toBe(200);
  });

  it('answer 503 for questions while the role query is away, and take events all the same', async () => {
    const gateway = start('gateway', { OPENFRAME_QUERY_URL: 'http://127.0.0.1:9' });
    await gateway.ready;
    const url = await gateway.url;
    const { token } = await stores.tokens.mint({ tenantId: 'acme', role: 'admin' });
    expect(await send(url, token, ['1'])).toBe(202);
    expect((await get(`${url}/api/v1/events`, token)).status).toBe(503);
  });

  it('pass the live tail through, and a door that closes ends it at once', async () => {
    const query = start('query');
    const gateway = start('gateway', { OPENFRAME_QUERY_URL: await query.url });
    await Promise.all([query.ready, gateway.ready]);
    const { token } = await stores.tokens.mint({ tenantId: 'acme', role: 'admin' });
    const tail = await request(`${await gateway.url}/api/v1/events/tail`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const reading = tail.body[Symbol.asyncIterator]();
    expect(String((await reading.next()).value)).toContain('the tail stands');
    const startMs = clock.nowMs();
    await Promise.all([gateway.stop(), reading.next().catch(() => undefined)]);
    expect(clock.nowMs() - startMs).toBeLessThan(5_000);
  });

  it('drain: what was accepted is relayed before the relay is gone, and its status goes with it', async () => {
    const gateway = start('gateway');
    const relay = start('relay');
    await Promise.all([gateway.ready, relay.ready]);
    const { token } = await stores.tokens.mint({ tenantId: 'acme', role: 'admin' });
    await send(await gateway.url, token, ['1']);
    await gateway.stop();
    await expect(get(`${await gateway.url}/healthz`)).rejects.toThrow();
    const relayed = async (): Promise<boolean> => {
      const { consumers, nextSequence } = await stores.messaging.status();
      return consumers['relay'] === nextSequence;
    };
    await until(relayed);
    await relay.stop();
    expect(await stores.documents.list({ tenantId: '$platform' }, 'role-statuses', { limit: 10 })).toEqual(
      [],
    );
  });
});
