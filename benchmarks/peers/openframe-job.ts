import { setTimeout as pause } from 'node:timers/promises';

import { createKafkaLog } from '../../brokers/kafka/log.ts';
import { createPlatformaticClient } from '../../brokers/kafka/platformatic/client.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { runTopology } from '../../streams/run.ts';
import { jobTopics, peerJob } from './job.ts';

/*
 * The job on the product's engine, stages and broker adapter: a member of a group, in transactions with its marks and
 * dead letters. Ends once all events are committed, or when asked to; started by `openframe-peer.js`.
 */
const [brokers = '', prefix = '', events = '0'] = process.argv.slice(2);
const pollMs = 200;
const clock = createSystemClock();
const log = await createKafkaLog({
  client: await createPlatformaticClient({
    brokers: brokers.split(','),
    clientId: 'openframe-peer',
    requestTimeoutMs: 10_000,
    clock,
  }),
  clock,
  // As a pod of a StatefulSet keeps its name through restarts.
  instance: `${prefix}openframe-peer`,
  prefix,
});
const connectedMs = performance.now();
const source = await log.source({ group: peerJob.name, topics: [jobTopics.events] });
const joinedMs = performance.now();
let restoredMs = 0;
const running = runTopology(peerJob, {
  source,
  log,
  deadLetterTopic: jobTopics.deadLetters,
  clock,
  random: createRandom(1),
  stopwatchMs: () => performance.now(),
  lingerMs: 10,
  compress: false,
  onRestored: () => (restoredMs = performance.now()),
});
let isAsked = false;
process.once('SIGTERM', () => (isAsked = true));
const isDone = (): boolean => {
  const { recordsIn, state } = running.status();
  return isAsked || recordsIn >= Number(events) || state === 'stopped';
};
while (!isDone()) await pause(pollMs);
await running.stop();
const { recordsIn, recordsOut, deadLetters, reason, restored } = running.status();
const times = [connectedMs, joinedMs, restoredMs].map((ms) => Math.round(ms)).join(', ');
const state = `${restored?.entries ?? 0} entries in ${Math.round(restored?.elapsedMs ?? 0)} ms`;
process.stdout.write(`in ${recordsIn} out ${recordsOut} dead letters ${deadLetters} ${reason ?? ''}\n`);
process.stdout.write(`connected, joined, restored after ${times} ms; state: ${state}\n`);
await source[Symbol.asyncDispose]();
await log[Symbol.asyncDispose]();
process.exit(0);
