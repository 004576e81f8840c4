import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';

import { messageOf } from '../contracts/errors.ts';
import type { MetricSample } from '../contracts/event.ts';
import {
  type AgentIntervals,
  type AgentOptions,
  type AgentSummary,
  defaultIntervals,
} from './agent-options.ts';
import { createEventFactory, type EventFactory } from './event-factory.ts';
import { loadDeviceId } from './identity.ts';
import { findLogs } from './logs/find-logs.ts';
import type { LogSource } from './logs/log-source.ts';
import { createLinuxMeasurements } from './measure/linux.ts';
import type { Measurements } from './measure/measurements.ts';
import { createLibraryMeasurements } from './measure/other-platforms.ts';
import { createReports, type Reports } from './reports.ts';
import { createSender, type Sender } from './sender.ts';
import { openSpool, type Spool } from './spool.ts';

/** The agent of one device. */
export interface Agent {
  /**
   * Reports until `signal` aborts, then stops within moments and says what it did. What was not sent waits in
   * the spool for the next start. Called once. Throws before it reports anything where `stateDir` cannot be
   * used (`DATA_FOLDER_IN_USE`, `DATA_FOLDER_TOO_NEW`, `STATE_CORRUPT`, `ARGUMENT_INVALID`), and while
   * running never: a reading that fails is left out and told to the logger, an absent server is waited for.
   */
  run(signal: AbortSignal): Promise<AgentSummary>;
}

const defaultSpoolLimitBytes = 64 * 1024 * 1024;

/** What this agent calls itself in the inventory and the heartbeats. */
const agentVersion = '0.1.0';

/** Creates the agent; nothing is read, written or sent before `run`. */
export function createAgent(options: AgentOptions): Agent {
  return {
    async run(signal) {
      await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
      const deviceId = await loadDeviceId(options.stateDir, options.deviceId);
      await using resources = new AsyncDisposableStack();
      const spool = resources.use(
        openSpool(join(options.stateDir, 'spool.sqlite'), options.spoolLimitBytes ?? defaultSpoolLimitBytes),
      );
      const logs = await findLogs(platform(), options.clock, options.logFiles);
      for (const log of logs) resources.use(log);
      const events = createEventFactory(deviceId, randomBytes(8).toString('hex'));
      return await report({ options, deviceId, spool, events, logs }, signal);
    },
  };
}

interface RunDeps {
  readonly options: AgentOptions;
  readonly deviceId: string;
  readonly spool: Spool;
  readonly events: EventFactory;
  readonly logs: readonly LogSource[];
}

async function report(deps: RunDeps, signal: AbortSignal): Promise<AgentSummary> {
  const { options, deviceId, spool, events, logs } = deps;
  const measurements =
    platform() === 'linux' ? createLinuxMeasurements(options.clock) : createLibraryMeasurements();
  const reports = createReports({ ...options, agentVersion, spool, events, measurements });
  const sender = createSender({
    ...options,
    spool,
    fetch: options.fetch ?? fetch,
    idleMs: options.intervals?.sendMs ?? defaultIntervals.sendMs,
    onDropsToReport: () => reports.drops(),
  });
  options.logger.info({ deviceId, logs: logs.map((log) => log.name) }, 'The agent reports this machine.');
  reports.started();
  await runLoops(deps, reports, measurements, sender, signal);
  return {
    deviceId,
    hostname: reports.hostname,
    accepted: sender.accepted,
    refused: sender.refused,
    dropped: spool.dropped,
    waiting: spool.waiting,
  };
}

async function runLoops(
  { options, logs, spool }: RunDeps,
  reports: Reports,
  measurements: Measurements,
  sender: Sender,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = options;
  const every: AgentIntervals = { ...defaultIntervals, ...options.intervals };
  const attempt = createAttempt(options);
  const repeat = async (name: string, intervalMs: number, work: () => Promise<unknown>): Promise<void> => {
    for (let dueMs = clock.nowMs(); !signal.aborted; dueMs = Math.max(dueMs + intervalMs, clock.nowMs())) {
      // Never longer than the interval: a clock that was put back must not silence the agent.
      await clock.sleep(Math.min(intervalMs, Math.max(0, dueMs - clock.nowMs())), signal);
      dueMs = Math.min(dueMs, clock.nowMs());
      if (!signal.aborted) await attempt(name, work);
    }
  };
  const measure = (name: string, intervalMs: number, read: () => Promise<MetricSample[]>) =>
    repeat(name, intervalMs, async () => reports.metrics(await read()));
  await Promise.all([
    measure('metrics', every.metricsMs, () => measurements.metrics()),
    measure('filesystems', every.filesystemsMs, () => measurements.filesystems()),
    measure('processes', every.processesMs, () => measurements.processes()),
    measure('services', every.servicesMs, () => measurements.services(signal)),
    repeat('heartbeat', every.heartbeatMs, async () => reports.heartbeat()),
    repeat('inventory', every.inventoryMs, () => reports.inventory()),
    repeat('users', every.usersMs, () => reports.users()),
    ...logs.map((log) => repeat(log.name, every.logsMs, () => followLog(log, spool, reports, signal))),
    sendAll(sender, options, signal),
  ]);
}

/** Reads a log to its end, unless the spool fills up: its lines are safe where they are. */
async function followLog(log: LogSource, spool: Spool, reports: Reports, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && reports.roomForLogs()) {
    const batch = await log.read(spool.cursor(log.name), signal);
    if (batch === undefined) return;
    reports.logLines(log.name, batch);
  }
}

async function sendAll(sender: Sender, { clock, logger }: AgentOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let waitMs = 5_000;
    try {
      ({ waitMs } = await sender.sendOnce(signal));
    } catch (error) {
      logger.warn(
        { reason: messageOf(error) },
        `The spool cannot be read (${messageOf(error)}); trying again.`,
      );
    }
    await clock.sleep(waitMs, signal);
  }
}

/** Runs a piece of work; a fault that is new is told once, and the work goes on being tried. */
function createAttempt({ logger }: AgentOptions) {
  const told = new Map<string, string>();
  return async (name: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      told.delete(name);
    } catch (error) {
      const reason = messageOf(error);
      if (told.get(name) !== reason)
        logger.warn(
          { name, reason },
          `Reading ${name} failed (${reason}); it is left out until it works again.`,
        );
      told.set(name, reason);
    }
  };
}
