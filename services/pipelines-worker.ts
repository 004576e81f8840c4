import { parentPort, workerData } from 'node:worker_threads';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';

import { messageOf } from '../contracts/errors.ts';
import { topics } from '../contracts/topics.ts';
import { relay } from '../pipelines/relay.ts';
import { telemetry } from '../pipelines/telemetry.ts';
import { createSystemClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { runTopology, type RunOptions, type RunStatus } from '../streams/run.ts';
import type { Settings } from './settings.ts';
import { openLog, openMessaging } from './stores.ts';

/** What the main thread gives this one. */
export interface PipelinesWorkerData {
  readonly dataDir: string;
  readonly settings: Settings;
}

/** What this thread tells the main one, twice a second and at every end. */
export interface PipelinesMessage {
  readonly statuses: readonly RunStatus[];
}

const statusEveryMs = 500;
const minuteMs = 60_000;

/** Relay and telemetry on a thread of their own, so that the door and the queries keep theirs. */
async function run({ dataDir, settings }: PipelinesWorkerData): Promise<void> {
  const clock = createSystemClock();
  const file = (name: string): string => join(dataDir, name);
  await using syncedLog = await openLog(file, clock, { durability: 'full' });
  await using log = await openLog(file, clock, { durability: 'normal' });
  await using messaging = await openMessaging(file, clock);
  const shared: Omit<RunOptions, 'source'> = {
    log,
    deadLetterTopic: topics.deadLetters,
    clock,
    random: createRandom(randomInt(2 ** 32)),
    stopwatchMs: () => performance.now(),
    lingerMs: 15,
  };
  const relaySource = await messaging.consume('relay');
  const rawSource = await log.source({ group: 'telemetry', topics: [topics.raw] });
  const relayRun = runTopology(relay, { ...shared, log: syncedLog, source: relaySource });
  const telemetryTopology = telemetry({
    windowMs: settings.OPENFRAME_DEDUPE_WINDOW_SECONDS * 1000,
    marksRetentionMs: 24 * 60 * minuteMs,
  });
  const telemetryRun = runTopology(telemetryTopology, { ...shared, source: rawSource });

  const report = (): void => {
    const message: PipelinesMessage = { statuses: [relayRun.status(), telemetryRun.status()] };
    parentPort?.postMessage(message);
  };
  const reporting = setInterval(report, statusEveryMs);
  const retaining = setInterval(() => {
    log.applyRetention().catch((error: unknown) => {
      process.stderr.write(
        `Retention of the log failed and is tried again in a minute: ${messageOf(error)}\n`,
      );
    });
  }, minuteMs);
  await new Promise<void>((resolve) => {
    parentPort?.once('message', () => resolve());
  });
  clearInterval(reporting);
  clearInterval(retaining);
  await relayRun.stop();
  await telemetryRun.stop();
  await relaySource[Symbol.asyncDispose]();
  await rawSource[Symbol.asyncDispose]();
  report();
}

await run(workerData as PipelinesWorkerData);
parentPort?.close();
