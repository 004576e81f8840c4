import { parentPort, workerData } from 'node:worker_threads';
import { join } from 'node:path';

import { messageOf } from '../contracts/errors.ts';
import { createSystemClock } from '../streams/clock.ts';
import type { RunStatus } from '../streams/running.ts';
import { openEmbeddedDocuments, openEmbeddedLog, openEmbeddedMessaging } from './engines-embedded.ts';
import type { Settings } from './settings.ts';
import { startAlerts } from './topologies/alerts.ts';
import { startRelay } from './topologies/relay.ts';
import { startPresence, startTelemetry, startTools } from './topologies/telemetry.ts';

/** What the main thread gives this one. */
export interface PipelinesWorkerData {
  readonly dataDir: string;
  readonly settings: Settings;
}

/** What this thread tells the main one, twice a second and at every end. */
export interface PipelinesMessage {
  readonly statuses: readonly RunStatus[];
}

/** Presence and detection read what telemetry wrote a moment before. */
const sharedBytes = 512 * 1024;
const statusEveryMs = 500;
const minuteMs = 60_000;

/** Relay, tools, telemetry and alerts on a thread of their own, so that the door and the queries keep theirs. */
async function run({ dataDir, settings }: PipelinesWorkerData): Promise<void> {
  const clock = createSystemClock();
  const file = (name: string): string => join(dataDir, name);
  await using resources = new AsyncDisposableStack();
  const syncedLog = resources.use(await openEmbeddedLog(file, clock, { durability: 'full' }));
  const log = resources.use(await openEmbeddedLog(file, clock, { durability: 'normal', sharedBytes }));
  const messaging = resources.use(await openEmbeddedMessaging(file, clock));
  const documents = resources.use(openEmbeddedDocuments(file));
  const alertRuns = await startAlerts({ log, documents, clock }, resources);
  const telemetryRun = await startTelemetry({ log, clock, settings }, resources);
  const presenceRuns = await startPresence({ log, clock, settings }, resources);
  const toolRuns = await startTools({ log, documents, clock, settings }, resources);
  const relayRun = await startRelay({ log: syncedLog, messaging, clock }, resources);

  const report = (): void => {
    const runs = [relayRun, ...toolRuns, telemetryRun, ...presenceRuns, ...alertRuns];
    const message: PipelinesMessage = { statuses: runs.map((running) => running.status()) };
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
  await resources.disposeAsync();
  report();
}

await run(workerData as PipelinesWorkerData);
parentPort?.close();
