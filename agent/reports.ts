import { hostname } from 'node:os';

import type { DeviceInventory } from '../contracts/device.ts';
import { agentEventTypes, type MetricSample } from '../contracts/event.ts';
import type { AgentOptions } from './agent-options.ts';
import type { EventFactory } from './event-factory.ts';
import type { LogBatch } from './logs/log-source.ts';
import type { Measurements, PlatformInventory } from './measure/measurements.ts';
import type { Spool } from './spool.ts';

export interface ReportsDeps extends Pick<AgentOptions, 'clock' | 'organizationId' | 'organizationName'> {
  readonly agentVersion: string;
  readonly spool: Spool;
  readonly events: EventFactory;
  readonly measurements: Measurements;
}

/** Turns what was read into events in the spool. Each call is one transaction at most. */
export interface Reports {
  started(): void;
  heartbeat(): void;
  metrics(samples: readonly MetricSample[]): void;
  /** The lines and the cursor behind them, together. */
  logLines(source: string, batch: LogBatch): void;
  /** Reads the inventory and reports it when it is not the one reported last in this run. */
  inventory(): Promise<void>;
  /** Reads the users alone; they are part of the inventory. */
  users(): Promise<void>;
  /** Tells of events that did not fit into the spool. */
  drops(): void;
  /** False while the spool is so full that log lines had better stay in their files. */
  roomForLogs(): boolean;
  readonly hostname: string;
}

const ownLogger = 'openframe-agent';

export function createReports(deps: ReportsDeps): Reports {
  const { clock, events, spool, measurements } = deps;
  let platformPart: PlatformInventory | undefined;
  let users: string[] | undefined;
  let reported = '';

  const put = (type: keyof typeof agentEventTypes, data: unknown): void =>
    spool.append([events.create(agentEventTypes[type], data, clock.nowMs())]);

  function reportInventory(): void {
    if (platformPart === undefined || users === undefined) return;
    const inventory: DeviceInventory = {
      ...platformPart,
      ...(deps.organizationId === undefined ? {} : { organizationId: deps.organizationId }),
      ...(deps.organizationName === undefined ? {} : { organizationName: deps.organizationName }),
      agentVersion: deps.agentVersion,
      users,
    };
    const text = JSON.stringify(inventory);
    if (text === reported) return;
    put('device', inventory);
    reported = text;
  }

  return {
    started: () =>
      put('log', {
        message: `The agent ${deps.agentVersion} started.`,
        severityText: 'INFO',
        logger: ownLogger,
      }),
    heartbeat: () => put('heartbeat', { agentVersion: deps.agentVersion, spool: spoolState(spool) }),
    metrics: (samples) => {
      if (samples.length > 0) put('metrics', { samples });
    },
    logLines: (source, { lines, cursor }) =>
      spool.append(
        lines.map(({ id, timeMs, message, severityText, logger }) =>
          events.create(agentEventTypes.log, { message, severityText, logger }, timeMs, id),
        ),
        { [source]: cursor },
      ),
    async inventory() {
      [platformPart, users] = await Promise.all([measurements.inventory(), measurements.users()]);
      reportInventory();
    },
    async users() {
      users = await measurements.users();
      reportInventory();
    },
    drops() {
      const drops = spool.unreportedDrops();
      const total = Object.values(drops).reduce((sum, count) => sum + count, 0);
      const message = `${total} events did not fit into the agent's spool while the server was away and are lost.`;
      const data = { message, severityText: 'WARN', logger: ownLogger, droppedByType: drops };
      spool.reportDrops(events.create(agentEventTypes.log, data, clock.nowMs()));
    },
    roomForLogs: () => spool.usedBytes < spool.limitBytes * 0.75,
    hostname: hostname(),
  };
}

function spoolState(spool: Spool) {
  return { waiting: spool.waiting, usedBytes: spool.usedBytes, dropped: spool.dropped };
}
