import { setTimeout as pause } from 'node:timers/promises';

import { topics } from '../../contracts/topics.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { runTopology } from '../../streams/run.ts';
import { type ClientName, openLog } from './clients.ts';

/*
 * The telemetry role's work in a process of its own, from an empty group to all events committed; started by
 * `run.ts`. Prints what that cost as JSON.
 */
export interface RoleCost {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakResidentMb: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly deadLetters: number;
}

const [client = 'platformatic', brokers = '', prefix = '', events = '0'] = process.argv.slice(2);
const pollMs = 20;
const log = await openLog(client as ClientName, brokers, prefix);
await log.endOffset(topics.raw, 0);
await log.endOffset(topics.marks, 0);
const topology = telemetry({ windowMs: 600_000, marksRetentionMs: 86_400_000 });
const startedMs = performance.now();
const before = process.cpuUsage();
const source = await log.source({ group: topology.name, topics: [topics.raw] });
const running = runTopology(topology, {
  source,
  log,
  deadLetterTopic: topics.deadLetters,
  clock: createSystemClock(),
  random: createRandom(1),
  stopwatchMs: () => performance.now(),
  lingerMs: 15,
});
while (running.status().recordsIn < Number(events) && running.status().state !== 'stopped')
  await pause(pollMs);
await running.stop();
const used = process.cpuUsage(before);
const { recordsIn, recordsOut, deadLetters, reason } = running.status();
const cost: RoleCost = {
  cpuSeconds: (used.user + used.system) / 1e6,
  wallSeconds: (performance.now() - startedMs) / 1000,
  peakResidentMb: Math.round(process.resourceUsage().maxRSS / 1024),
  recordsIn,
  recordsOut,
  deadLetters,
};
if (reason !== null) process.stderr.write(`${reason}\n`);
process.stdout.write(`${JSON.stringify(cost)}\n`);
await source[Symbol.asyncDispose]();
await log[Symbol.asyncDispose]();
process.exit(0);
