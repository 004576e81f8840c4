import type { Clock } from '../streams/clock.ts';
import type { Random } from '../streams/random.ts';

/** Where the agent says what it does, for the person at the machine; pino's loggers fit. */
export interface AgentLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** How often, in milliseconds. */
export interface AgentIntervals {
  /** CPU, memory, disk, network, load, uptime. */
  readonly metricsMs: number;
  readonly filesystemsMs: number;
  readonly processesMs: number;
  readonly servicesMs: number;
  readonly usersMs: number;
  readonly heartbeatMs: number;
  /** How often the inventory is read again; it is reported at start and when it differs. */
  readonly inventoryMs: number;
  readonly logsMs: number;
  /** The pause between batches while the server takes everything at once. */
  readonly sendMs: number;
}

export const defaultIntervals: AgentIntervals = {
  metricsMs: 2_000,
  filesystemsMs: 30_000,
  processesMs: 30_000,
  servicesMs: 60_000,
  usersMs: 60_000,
  heartbeatMs: 30_000,
  inventoryMs: 600_000,
  logsMs: 1_000,
  sendMs: 1_000,
};

export interface AgentOptions {
  /** The platform's address, such as `http://127.0.0.1:8080`. */
  readonly serverUrl: string;
  /** A bearer token whose role may send events. */
  readonly token: string;
  /** The agent's own folder: its identity, its spool and its cursors. One agent at a time. */
  readonly stateDir: string;
  /** Fixes the device's identity; left out, it is made at the first start and kept in `stateDir`. */
  readonly deviceId?: string;
  readonly organizationId?: string;
  readonly organizationName?: string;
  /** Those that differ from `defaultIntervals`. */
  readonly intervals?: Partial<AgentIntervals>;
  /** The log files to follow, by absolute path, instead of the platform's usual ones. */
  readonly logFiles?: readonly string[];
  /** What the spool may hold, in bytes. Default 64 MB. */
  readonly spoolLimitBytes?: number;
  readonly clock: Clock;
  /** Spreads the retries of many agents; identities do not come from it. */
  readonly random: Random;
  readonly fetch?: typeof fetch;
  readonly logger: AgentLogger;
}

/** What one run did. */
export interface AgentSummary {
  readonly deviceId: string;
  readonly hostname: string;
  /** Events that the server took. */
  readonly accepted: number;
  /** Events that the server will never take, by the server's code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Events that did not fit into the spool, by type. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Events that wait in the spool for the next start. */
  readonly waiting: number;
}
