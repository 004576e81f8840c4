import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

import type { Log } from '../brokers/log.ts';
import { isRetryable, messageOf } from '../contracts/errors.ts';
import { Backoff } from '../streams/backoff.ts';
import { type Clock, createSystemClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import type { Running, RunStatus } from '../streams/running.ts';
import { openEmbeddedDocuments, openEmbeddedLog, openEmbeddedMessaging } from './engines-embedded.ts';
import { startRounds } from './rounds.ts';
import type { Settings } from './settings.ts';
import { startAlerts } from './topologies/alerts.ts';
import { startRelay } from './topologies/relay.ts';
import { embeddedPace } from './topologies/run-options.ts';
import { startPresence, startTelemetry, startTools } from './topologies/telemetry.ts';

/** What the main thread gives this one. */
export interface PipelinesWorkerData {
  readonly dataDir: string;
  readonly settings: Settings;
}

/** What this thread tells the main one, twice a second and at every end; why it could not start yet, where it did not. */
export type PipelinesMessage = { readonly statuses: readonly RunStatus[] } | { readonly notStarted: string };

/** Presence and detection read what telemetry wrote a moment before. */
const sharedBytes = 512 * 1024;
const statusEveryMs = 500;
const minuteMs = 60_000;
const startBackoff = { initialMs: 100, maxMs: 5000 };

/** Relay, tools, telemetry and alerts on a thread of their own, so that the door and the queries keep theirs. */
async function run(data: PipelinesWorkerData): Promise<void> {
  const clock = createSystemClock();
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    parentPort?.once('message', () => {
      stopping.abort();
      resolve();
    });
  });
  const pipelines = await startRepeatedly(data, clock, stopping.signal);
  if (pipelines === undefined) return;
  const report = (): void => {
    const message: PipelinesMessage = { statuses: pipelines.runs.map((running) => running.status()) };
    parentPort?.postMessage(message);
  };
  const reporting = setInterval(report, statusEveryMs);
  const onFault = (reason: string): void => {
    process.stderr.write(`Retention of the log failed and is tried again in a minute: ${reason}\n`);
  };
  const often = { clock, firstMs: minuteMs, everyMs: minuteMs, onFault };
  const retaining = startRounds(often, () => pipelines.log.applyRetention());
  await stopped;
  clearInterval(reporting);
  await retaining[Symbol.asyncDispose]();
  await pipelines[Symbol.asyncDispose]();
  report();
}

interface Pipelines extends AsyncDisposable {
  readonly log: Log;
  readonly runs: readonly Running[];
}

/** Starts them, again and again while a fault keeps them that passes; undefined once they are to stop. */
async function startRepeatedly(
  data: PipelinesWorkerData,
  clock: Clock,
  signal: AbortSignal,
): Promise<Pipelines | undefined> {
  const pause = new Backoff(startBackoff, clock, createRandom(randomInt(2 ** 32)));
  while (!signal.aborted) {
    try {
      return await start(data, clock);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      const notStarted = `It could not start and tries again: ${messageOf(error)}`;
      const message: PipelinesMessage = { notStarted };
      parentPort?.postMessage(message);
    }
    await pause.wait(signal);
  }
  return undefined;
}

async function start({ dataDir, settings }: PipelinesWorkerData, clock: Clock): Promise<Pipelines> {
  const file = (name: string): string => join(dataDir, name);
  await using starting = new AsyncDisposableStack();
  const syncedLog = starting.use(await openEmbeddedLog(file, clock, { durability: 'full' }));
  const log = starting.use(await openEmbeddedLog(file, clock, { durability: 'normal', sharedBytes }));
  const messaging = starting.use(await openEmbeddedMessaging(file, clock));
  const documents = starting.use(openEmbeddedDocuments(file));
  const pace = embeddedPace;
  const alertRuns = await startAlerts({ log, documents, clock, pace }, starting);
  const telemetryRun = await startTelemetry({ log, clock, settings, pace }, starting);
  const presenceRuns = await startPresence({ log, clock, settings, pace }, starting);
  const toolRuns = await startTools({ log, documents, clock, settings, pace }, starting);
  const relayRun = await startRelay({ log: syncedLog, messaging, clock, pace }, starting);
  const runs = [relayRun, ...toolRuns, telemetryRun, ...presenceRuns, ...alertRuns];
  const started = starting.move();
  return { log, runs, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

await run(workerData as PipelinesWorkerData);
parentPort?.close();
