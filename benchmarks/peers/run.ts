import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import kafkajs from 'kafkajs';

import { machine } from '../machine.ts';
import { openLog } from '../kafka-clients/clients.ts';
import { generate, verify, type Verdict } from './events.ts';
import { jobTopics, partitions } from './job.ts';

/*
 * The peers' job on this product and on others: the same generated topic, fresh output and state topics a run, the
 * order rotated, each output read back and checked. CPU is that of the whole process, its start included.
 *
 *   node benchmarks/peers/run.ts --events 3000000 --rounds 3 --out benchmarks/results/peers.json
 */
const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: '127.0.0.1:9092' },
    events: { type: 'string', default: '3000000' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    peers: { type: 'string', default: 'openframe,go' },
    /** Given to Node, as to profile it. */
    'node-arguments': { type: 'string', default: '' },
    out: { type: 'string' },
  },
});

interface Run extends Verdict {
  readonly peer: string;
  readonly verdict: 'VALID' | 'INVALID';
  readonly eventsPerCpuSecond: number;
  readonly eventsPerSecond: number;
  readonly cpuSeconds: number;
  readonly peakResidentMb: number;
  readonly loadAverage: number;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const runTimeoutMs = 600_000;
const pollMs = 50;
const events = Number(values.events);
const prefix = `peers-${randomUUID().slice(0, 8)}-`;
const workFolder = mkdtempSync(join(tmpdir(), 'openframe-peers-'));
const kafka = new kafkajs.Kafka({ brokers: values.brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
const admin = kafka.admin();
const names = values.peers.split(',');
const nodeArguments = values['node-arguments'].split(' ').filter((text) => text !== '');
const runs: Run[] = [];
await admin.connect();
try {
  await freshTopics([jobTopics.events, jobTopics.devices, jobTopics.deadLetters], []);
  await using log = await openLog('platformatic', values.brokers, prefix);
  const generated = await generate(log, events, Number(values.seed));
  const commands = new Map<string, readonly string[]>();
  for (const name of names) commands.set(name, await build(name));
  for (let round = 0; round < Number(values.rounds); round++) {
    const shift = round % names.length;
    for (const peer of [...names.slice(shift), ...names.slice(0, shift)]) {
      const run = await runPeer(peer, commands.get(peer) ?? [], generated.distinct);
      runs.push(run);
      process.stderr.write(`${JSON.stringify(run)}\n`);
    }
  }
  const result = {
    machine: machine(),
    command: 'benchmarks/peers/run.ts',
    options: values,
    versions: {
      node: process.version,
      franzGo: /franz-go (v\S+)/.exec(readFileSync(here('go/go.mod'), 'utf8'))?.[1],
    },
    generated,
    medians: names.map(median),
    runs,
  };
  if (values.out !== undefined) {
    mkdirSync(dirname(values.out), { recursive: true });
    writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
  }
  process.stdout.write(`${JSON.stringify(result.medians, null, 2)}\n`);
} finally {
  const left = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
  await admin.deleteTopics({ topics: left });
  await admin.disconnect();
  rmSync(workFolder, { recursive: true });
}
process.exitCode = runs.every(({ verdict }) => verdict === 'VALID') ? 0 : 3;

/** The program and its arguments before those that every peer gets: brokers, prefix, number of events. */
async function build(peer: string): Promise<readonly string[]> {
  if (peer === 'openframe') return [process.execPath, ...nodeArguments, here('openframe-peer.ts')];
  if (peer !== 'go') throw new RangeError(`There is no peer ${peer}.`);
  const program = join(workFolder, 'go-peer');
  await promisify(execFile)('go', ['build', '-o', program, '.'], { cwd: here('go'), timeout: runTimeoutMs });
  return [program];
}

async function runPeer(peer: string, command: readonly string[], distinct: number): Promise<Run> {
  await freshTopics([jobTopics.out, jobTopics.marks], [jobTopics.out, jobTopics.marks]);
  await forgetGroups();
  const loadAverage = loadavg()[0] ?? 0;
  const startedMs = performance.now();
  const usage = await measured([...command, values.brokers, prefix, values.events]);
  const wallSeconds = (performance.now() - startedMs) / 1000;
  await using log = await openLog('platformatic', values.brokers, prefix);
  const found = await verify(log, distinct);
  const isRight =
    found.lost + found.duplicated + found.notEnriched === 0 && found.out === distinct && usage.cpuSeconds > 0;
  return {
    peer,
    verdict: isRight ? 'VALID' : 'INVALID',
    eventsPerCpuSecond: Math.round(events / usage.cpuSeconds),
    eventsPerSecond: Math.round(events / wallSeconds),
    ...usage,
    ...found,
    loadAverage,
  };
}

/** Runs a program to its end: the CPU of all of it as the shell counts it, and its peak memory as the kernel does. */
async function measured([program = '', ...args]: readonly string[]) {
  const script = 'TIMEFORMAT="%U %S"; time "$0" "$@"';
  const running = promisify(execFile)('bash', ['-c', script, program, ...args], { timeout: runTimeoutMs });
  let peakKb = 0;
  let isOver = false;
  const watching = (async () => {
    for (; !isOver; await pause(pollMs)) peakKb = Math.max(peakKb, peakOfChild(running.child.pid ?? 0));
  })();
  const { stdout, stderr } = await running.finally(() => {
    isOver = true;
  });
  await watching;
  process.stderr.write(stdout);
  const [user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { cpuSeconds: Number((user + system).toFixed(2)), peakResidentMb: Math.round(peakKb / 1024) };
}

function peakOfChild(shell: number): number {
  try {
    const child = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim();
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Topics as every peer finds them: their records keep their times, and nothing is deleted by age. */
async function freshTopics(create: readonly string[], remove: readonly string[]): Promise<void> {
  const known = await admin.listTopics();
  const old = remove.map((topic) => prefix + topic).filter((topic) => known.includes(topic));
  if (old.length > 0) await admin.deleteTopics({ topics: old });
  const configEntries = [
    { name: 'retention.ms', value: '-1' },
    { name: 'message.timestamp.type', value: 'CreateTime' },
  ];
  for (let left = 100; ; left--) {
    try {
      await admin.createTopics({
        waitForLeaders: true,
        topics: create.map((topic) => ({ topic: prefix + topic, numPartitions: partitions, configEntries })),
      });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await pause(100);
    }
  }
}

/** A group that an earlier run committed for would begin where that ended. */
async function forgetGroups(): Promise<void> {
  const { groups } = await admin.listGroups();
  const own = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(prefix));
  if (own.length > 0) await admin.deleteGroups(own);
}

function median(peer: string) {
  const own = runs.filter((run) => run.peer === peer);
  const middle = (of: (run: Run) => number): number =>
    own.map(of).sort((a, b) => a - b)[own.length >> 1] ?? 0;
  return {
    peer,
    eventsPerCpuSecond: middle((run) => run.eventsPerCpuSecond),
    eventsPerSecond: middle((run) => run.eventsPerSecond),
    peakResidentMb: middle((run) => run.peakResidentMb),
    lost: own.reduce((sum, { lost }) => sum + lost, 0),
    duplicated: own.reduce((sum, { duplicated }) => sum + duplicated, 0),
  };
}
