import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, request } from 'undici';

import { freePort, mintToken, startPlatformProcess } from '../../tests/support/platform-process.ts';
import { machine } from '../machine.ts';
import { processUsage } from '../process-usage.ts';
import { sharesOf } from '../shares.ts';
import { writeResult } from '../write-result.ts';
import { type Attack, attacks, type Target } from './attacks.ts';

/*
 * Abuse of GraphQL by one tenant, on loopback, one kind after the other, and what the users of another tenant notice
 * of it: the platform in a process of its own, the attackers and the users in this one.
 *
 *   node benchmarks/graphql-attack/attack.ts --seconds 8 --out benchmarks/results/graphql-attack.json
 */
const { values } = parseArgs({
  options: {
    /** Each kind goes on for so long; so does the quiet before. */
    seconds: { type: 'string', default: '8' },
    /** Stored of each tenant before. */
    events: { type: 'string', default: '50000' },
    /** One kind alone, by its name. */
    only: { type: 'string' },
    out: { type: 'string' },
  },
});

const users = 4;
const userEveryMs = 100;
/** What the users ask: pages of the dashboard and a program. */
const userRequests = [
  { path: '/api/v1/events?limit=50' },
  { path: '/api/v1/events/stats?bucket=1m&groupBy=severity&top=5' },
  { path: '/api/v1/devices?limit=50' },
  { path: '/graphql', query: '{ events(first: 20) { nodes { eventId summary } } eventStats { total } }' },
];

/** How long each of the users' requests took while the signal lasts, and how many were not answered. */
async function useQuietly({ url, token }: Target, signal: AbortSignal) {
  const milliseconds: number[] = [];
  let failed = 0;
  const use = async (first: number): Promise<void> => {
    const client = new Client(url);
    for (let i = first; !signal.aborted; i++) {
      const { path, query } = userRequests[i % userRequests.length] ?? { path: '/' };
      const startedMs = performance.now();
      const response = await client.request({
        method: query === undefined ? 'GET' : 'POST',
        path,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: query === undefined ? null : JSON.stringify({ query }),
      });
      await response.body.dump();
      milliseconds.push(performance.now() - startedMs);
      if (response.statusCode !== 200) failed++;
      await pause(userEveryMs, undefined, { signal }).catch(() => undefined);
    }
    await client.close();
  };
  await Promise.all(Array.from({ length: users }, (_, i) => use(i)));
  return { milliseconds, failed };
}

/** Sends events as agents do, and waits until they are answered. */
async function store(target: Target, agent: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1_000) {
    const lines = Array.from({ length: 1_000 }, (_, i) =>
      JSON.stringify({
        ...{ specversion: '1.0', id: `e${done + i}`, source: `/agents/d${i % 50}`, subject: `d${i % 50}` },
        ...{ type: 'openframe.log', time: new Date(Date.now() - (count - done) * 10).toISOString() },
        data: { message: `word${i % 30} of a line ${i}`, severityText: 'INFO' },
      }),
    );
    const sent = await request(`${target.url}/ingest/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${agent}`, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    await sent.body.dump();
    if (sent.statusCode === 202) continue;
    await pause(1_000);
    done -= 1_000;
  }
  const stats = `${target.url}/api/v1/events/stats?bucket=1d`;
  for (let total = 0; total < count; await pause(500)) {
    const answer = await request(stats, { headers: { authorization: `Bearer ${target.token}` } });
    total = ((await answer.body.json()) as { total: number }).total;
  }
}

interface Stage {
  readonly platformPid: number;
  readonly attacker: Target;
  readonly user: Target;
}

async function measure({ platformPid, attacker, user }: Stage, attack: Attack | undefined) {
  const seconds = Math.max(Number(values.seconds), attack?.leastSeconds ?? 0);
  const end = AbortSignal.timeout(seconds * 1_000);
  const before = await processUsage(platformPid);
  const attacking = attack?.run(attacker, end);
  const used = await useQuietly(user, end);
  const attacked = await attacking;
  const after = await processUsage(platformPid);
  const cpuMs = (after.cpuSeconds - before.cpuSeconds) * 1_000;
  const figures = {
    attack: attack?.name ?? 'none',
    usersMs: { ...sharesOf(used.milliseconds), failed: used.failed },
    platformCpuShare: Number((cpuMs / (seconds * 1_000)).toFixed(2)),
    platformMb: Math.round(after.residentBytes / 1e6),
  };
  if (attacked === undefined) return figures;
  const { requests, answers, milliseconds } = attacked;
  const each =
    milliseconds.length === 0
      ? {}
      : { attackersMs: sharesOf(milliseconds), cpuMsEach: Number((cpuMs / requests).toFixed(2)) };
  return { ...figures, requests, answers, ...each };
}

const folder = mkdtempSync(join(tmpdir(), 'openframe-attack-'));
try {
  const port = String(await freePort());
  await using platform = await startPlatformProcess(['--port', port, '--data-dir', folder, '--no-agent']);
  const { url } = platform.ready;
  const targetOf = async (tenant: string): Promise<Target> => {
    const target = { url, token: await mintToken(folder, 'technician', tenant) };
    await store(target, await mintToken(folder, 'agent', tenant), Number(values.events));
    return target;
  };
  const stage = {
    platformPid: platform.child.pid ?? 0,
    attacker: await targetOf('attacker'),
    user: await targetOf('user'),
  };
  // Code that is not compiled yet would count as an effect of what comes first.
  await measure(stage, undefined);
  const rounds = [];
  const chosen = attacks.filter(({ name }) => values.only === undefined || name === values.only);
  for (const attack of [undefined, ...chosen, undefined]) {
    const figures = await measure(stage, attack);
    rounds.push(figures);
    process.stderr.write(`${JSON.stringify(figures)}\n`);
    await pause(1_000);
  }
  const command = `node benchmarks/graphql-attack/attack.ts ${process.argv.slice(2).join(' ')}`;
  const report = { command, machine: machine(), loadAverage: loadavg()[0], options: values, rounds };
  writeResult(report, values.out);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
