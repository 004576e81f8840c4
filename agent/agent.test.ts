import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { deviceInventorySchema } from '../contracts/device.ts';
import { logDataSchema, metricsDataSchema } from '../contracts/event.ts';
import { createSystemClock } from '../streams/clock.ts';
import { createRandom, type Random } from '../streams/random.ts';
import { createAgent } from './agent.ts';
import type { AgentOptions } from './agent-options.ts';

const eventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  time: z.iso.datetime(),
  subject: z.string(),
  data: z.unknown(),
});
type SentEvent = z.infer<typeof eventSchema>;

let folder: string;
let server: Server;
let serverUrl: string;
/** What the server took, by id, as the platform's dedupe would leave it, in order of the first arrival. */
let taken: Map<string, SentEvent>;
/** Decides on each request whether it is taken and answered, taken without an answer, or failed. */
let decide: () => 'take' | 'take and cut' | 'fail';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'openframe-agent-'));
  taken = new Map();
  decide = () => 'take';
  server = createServer((request, response) => {
    receive(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return; // The agent was killed while it sent.
  }
  const bytes = Buffer.concat(chunks);
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => eventSchema.parse(JSON.parse(line)));
  const decision = decide();
  if (decision === 'fail') return void response.writeHead(503).end();
  for (const event of events) if (!taken.has(event.id)) taken.set(event.id, event);
  if (decision === 'take and cut') return void response.destroy();
  response.writeHead(202).end(JSON.stringify({ accepted: events.length, rejected: [] }));
}

const ofType = (type: string): SentEvent[] => [...taken.values()].filter((event) => event.type === type);
const logLines = (logger: string): string[] =>
  ofType('openframe.log')
    .map((event) => logDataSchema.parse(event.data))
    .filter((data) => data.logger === logger)
    .map((data) => data.message);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await createSystemClock().sleep(5);
}

function options(more: Partial<AgentOptions> = {}): AgentOptions {
  return {
    serverUrl,
    token: 'secret',
    stateDir: join(folder, 'state'),
    logFiles: [join(folder, 'app.log')],
    intervals: { logsMs: 5, sendMs: 5, metricsMs: 20 },
    clock: createSystemClock(),
    random: createRandom(1),
    logger: { info: () => undefined, warn: () => undefined },
    ...more,
  };
}

describe('the agent', () => {
  it('reports heartbeat, measurements, inventory and log lines of this machine as its device', async () => {
    writeFileSync(join(folder, 'app.log'), 'a line\n');
    const stopping = new AbortController();
    const running = createAgent(options({ organizationId: 'org-1', organizationName: 'One' })).run(
      stopping.signal,
    );
    await until(
      () =>
        new Set([...taken.values()].map((event) => event.type)).size === 4 &&
        logLines(join(folder, 'app.log')).length > 0,
    );
    await until(() => ofType('openframe.metrics').length > 5);
    stopping.abort();
    const summary = await running;

    expect(summary).toMatchObject({ hostname: hostname(), refused: {}, dropped: {} });
    for (const event of taken.values()) {
      expect(event.source).toBe(`/agents/${summary.deviceId}`);
      expect(event.subject).toBe(summary.deviceId);
    }
    const inventory = deviceInventorySchema.parse(ofType('openframe.device')[0]?.data);
    expect(inventory).toMatchObject({
      hostname: hostname(),
      organizationId: 'org-1',
      organizationName: 'One',
    });
    const samples = ofType('openframe.metrics').flatMap(
      (event) => metricsDataSchema.parse(event.data).samples,
    );
    expect(new Set(samples.map((sample) => sample.name))).toContain('system.memory.utilization');
    expect(logLines(join(folder, 'app.log'))).toEqual(['a line']);
    expect(logLines('openframe-agent')[0]).toContain('started');
  });

  it('is the same device after a restart, sends what waited, and lets no second agent into its folder', async () => {
    let failures = 0;
    decide = () => ((failures += 1), 'fail');
    writeFileSync(join(folder, 'app.log'), 'while the server was away\n');
    const first = new AbortController();
    const running = createAgent(options()).run(first.signal);
    await until(() => failures > 1);
    await expect(createAgent(options()).run(first.signal)).rejects.toMatchObject({
      code: 'DATA_FOLDER_IN_USE',
    });
    first.abort();
    const before = await running;
    expect(before).toMatchObject({ accepted: 0 });
    expect(before.waiting).toBeGreaterThan(0);

    decide = () => 'take';
    const second = new AbortController();
    const again = createAgent(options()).run(second.signal);
    await until(() => taken.size > before.waiting);
    second.abort();
    expect((await again).deviceId).toBe(before.deviceId);
    expect(logLines(join(folder, 'app.log'))).toEqual(['while the server was away']);
  });

  it('takes a device id that is given, and refuses one that cannot be part of an event', async () => {
    const stopped = AbortSignal.abort();
    expect((await createAgent(options({ deviceId: 'host-7' })).run(stopped)).deviceId).toBe('host-7');
    await expect(createAgent(options({ deviceId: 'a/b' })).run(stopped)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
  });
});

describe('the agent, killed again and again', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  const start = (): ChildProcess =>
    fork(
      join(import.meta.dirname, 'run-agent.fixture.ts'),
      [serverUrl, join(folder, 'state'), join(folder, 'app.log')],
      {
        execArgv: [],
        stdio: 'ignore',
      },
    );

  it.each([1, 2, 3])(
    'reports each line once, in order, through rotations and an unsteady server (seed %d)',
    async (seed) => {
      const random: Random = createRandom(seed);
      const path = join(folder, 'app.log');
      decide = () => (['take', 'take', 'take and cut', 'fail'] as const)[random.below(4)] ?? 'take';
      const written = ['the first line'];
      writeFileSync(path, `${written[0]}\n`);
      let rotations = 0;
      const write = (): void => {
        const line = `line ${written.length} ${'é'.repeat(random.below(200))}`;
        writeFileSync(path, `${line}\n`, { flag: 'a' });
        written.push(line);
        if (random.below(60) === 0) renameSync(path, `${path}.${9 - (rotations += 1)}`);
      };
      for (let kill = 0; kill < 6; kill++) {
        child = start();
        const from = taken.size;
        // The first life has found the log: what was rotated away before that is not an agent's to report.
        await until(() => taken.size > from && logLines(path).length > 0);
        const lines = 20 + random.below(60);
        for (let i = 0; i < lines && rotations < 8; i++) {
          write();
          if (random.below(3) === 0) await createSystemClock().sleep(random.below(8));
        }
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      decide = () => 'take';
      child = start();
      await until(() => logLines(path).length >= written.length);
      expect(logLines(path)).toEqual(written);
      expect(logLines('openframe-agent').filter((line) => line.includes('lost'))).toEqual([]);
    },
    60_000,
  );
});
