import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

import { createKafkaLog } from '../../brokers/kafka/log.ts';
import { createPlatformaticClient } from '../../brokers/kafka/platformatic/client.ts';
import type { Log } from '../../brokers/log.ts';
import type { EngineAddresses } from '../../engines/engine.ts';
import { distributedEngines } from '../../services/engines-distributed.ts';
import { RoleChild } from '../../services/role-child.ts';
import type { RoleName } from '../../services/role-names.ts';
import { readSettings } from '../../services/settings.ts';
import { openTokens } from '../../services/tokens.ts';
import { createToolDirectory, type ToolConnection } from '../../stores/tool-directory.ts';
import { Backoff } from '../../streams/backoff.ts';
import { nodeFlags, runCli } from '../support/platform-process.ts';
import { removeDeployment } from '../platform/remove-deployment.fixture.ts';
import { type AlertCounts, alertCountsInStore, alertCountsInTopic } from './alert-counts.ts';
import { cassandraRows } from './cassandra-rows.ts';
import { enrichedOrder } from './enriched-order.ts';
import { Fleet } from './fleet.ts';
import { Ledger, type Verdict } from './ledger.ts';
import { pinotRows } from './pinot-rows.ts';
import type { FaultContext, FaultReport } from './scenario.ts';

const cli = fileURLToPath(new URL('../../cli/openframe.js', import.meta.url));
/** A verdict is final when so long nothing came. */
const idleMs = 60_000;

export interface DeploymentOptions {
  /** In place of the shared servers. */
  readonly engines?: Partial<EngineAddresses>;
  readonly partitions?: number;
  readonly tenants?: number;
  readonly devices?: number;
  /** See `FleetOptions`. */
  readonly errorOneOf?: number;
  /** The sink writes all stores, and the report covers them; left out, the event log alone. */
  readonly allStores?: boolean;
  /** Settings of all roles. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A platform of its own on the engines: its roles as processes, its fleet, and the ledger of what was accepted. */
export class Deployment {
  readonly prefix = `f${randomBytes(6).toString('hex')}_`;
  readonly partitions: number;
  readonly fleet: Fleet;
  readonly ledger = new Ledger();
  readonly engines: EngineAddresses;
  readonly #context: FaultContext;
  readonly #env: Readonly<Record<string, string>>;
  readonly #allStores: boolean;

  constructor(context: FaultContext, options: DeploymentOptions = {}) {
    const { engines = {}, partitions = 2, tenants = 3, devices = 60, errorOneOf, env = {} } = options;
    this.#context = context;
    this.#allStores = options.allStores ?? false;
    this.engines = { ...context.engines, ...engines };
    this.partitions = partitions;
    this.fleet = new Fleet({
      seed: context.seed,
      tenants,
      devices,
      ...(errorOneOf === undefined ? {} : { errorOneOf }),
    });
    this.#env = {
      ...this.engines,
      OPENFRAME_NAME_PREFIX: this.prefix,
      OPENFRAME_PARTITIONS: String(partitions),
      OPENFRAME_LOG_LEVEL: 'error',
      // What is stored is compared with what was sent, event by event.
      OPENFRAME_DEVICE_EVENTS: 'off',
      ...env,
    };
    context.stack.defer(() => removeDeployment(this.engines, this.prefix).catch(() => undefined));
  }

  /** A role as `openframe up` starts it; started again whenever it ends. Resolves when it is ready. */
  async start(
    role: RoleName,
    more: {
      readonly instance?: string;
      readonly args?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      /** In place of the product's command: given the same arguments. */
      readonly program?: string;
    } = {},
  ): Promise<RoleChild> {
    const usual = role === 'sink' && !this.#allStores ? ['--only', 'event-log'] : [];
    const { instance = role, args = usual, env = {}, program = cli } = more;
    const { clock, random, stack } = this.#context;
    const child = new RoleChild({
      name: instance,
      program,
      nodeFlags,
      args: ['service', role, ...args],
      env: { ...this.#env, OPENFRAME_INSTANCE: instance, ...env },
      port: 0,
      backoff: new Backoff({ initialMs: 10, maxMs: 100 }, clock, random),
      drainMs: 20_000,
      onRemark: () => undefined,
    });
    stack.defer(() => child.stop());
    await child.ready;
    return child;
  }

  /** Runs a command of the CLI on this platform to its end, or asks it to end after a minute. */
  run(args: readonly string[]): ReturnType<typeof runCli> {
    return runCli(args, { ...this.#env, OPENFRAME_PROFILE: 'distributed' }, idleMs);
  }

  /** Says whose events of a tool's server are. */
  async connectTool(connection: ToolConnection): Promise<void> {
    await using documents = await this.#documents();
    await createToolDirectory({ documents, clock: this.#context.clock }).connect(connection);
  }

  /** A token of each tenant of the fleet. */
  async tokens(): Promise<ReadonlyMap<string, string>> {
    const { clock } = this.#context;
    await using documents = await this.#documents();
    const tokens = openTokens(documents, clock);
    const minted = new Map<string, string>();
    for (const tenantId of new Set(this.fleet.devices.map((device) => device.tenantId))) {
      minted.set(tenantId, (await tokens.mint({ tenantId, role: 'agent' })).token);
    }
    return minted;
  }

  #documents() {
    const settings = readSettings({ ...this.#env, OPENFRAME_PROFILE: 'distributed' });
    return distributedEngines(settings, { clock: this.#context.clock, role: 'faults' }).documents();
  }

  /** The log, read by the platform's own client. */
  async openLog(): Promise<Log> {
    const { clock } = this.#context;
    const brokers = this.engines.OPENFRAME_KAFKA_BROKERS.split(',');
    const client = await createPlatformaticClient({
      brokers,
      clientId: 'faults',
      requestTimeoutMs: 10_000,
      clock,
    });
    return createKafkaLog({ client, clock, instance: `faults-${this.prefix}`, prefix: this.prefix });
  }

  /** The event log as it is now, against the ledger. */
  compare(): Promise<Verdict> {
    const contactPoints = this.engines.OPENFRAME_CASSANDRA_CONTACT_POINTS.split(',');
    return this.ledger.compare(cassandraRows(contactPoints, `${this.prefix}openframe`));
  }

  /** The same of analytics, in which rows have no payload. */
  compareAnalytics(): Promise<Verdict> {
    return this.ledger.compare(pinotRows(this.engines.OPENFRAME_PINOT_BROKER_URL, this.prefix));
  }

  /** What the alerts in their store count as it is now. */
  storedAlerts(): Promise<AlertCounts> {
    return alertCountsInStore(this.engines.OPENFRAME_MONGODB_URL, `${this.prefix}openframe`);
  }

  /** Compares a store with the ledger until every accepted event is there, or nothing came for a while. */
  async verdict(compare = () => this.compare()): Promise<Verdict> {
    const { clock } = this.#context;
    let verdict = await compare();
    let changedMs = clock.nowMs();
    while (verdict.lost > 0 && clock.nowMs() - changedMs < idleMs) {
      await clock.sleep(500);
      const next = await compare();
      if (next.rows > verdict.rows) changedMs = clock.nowMs();
      verdict = next;
    }
    return verdict;
  }

  /** The report, once all is where it belongs. `sinceMs`: from when the time to catch up counts. */
  async report(sinceMs: number, faults: number, seen: FaultReport['seen'] = {}): Promise<FaultReport> {
    const verdicts = [await this.verdict()];
    if (this.#allStores) {
      verdicts.push(await this.verdict(() => this.compareAnalytics()));
      await this.#checkAlerts();
    }
    const catchUpMs = Math.max(this.#context.clock.nowMs() - sinceMs, 0);
    await using log = await this.openLog();
    const order = await enrichedOrder(log, this.partitions);
    const sum = (of: (verdict: Verdict) => number): number => verdicts.map(of).reduce((a, b) => a + b, 0);
    const examples = verdicts.flatMap((verdict) => verdict.examples).join(', ');
    return {
      events: this.ledger.acceptedCount,
      faults,
      lost: sum((verdict) => verdict.lost),
      duplicated: sum((verdict) => verdict.duplicated) + order.repeated,
      altered: sum((verdict) => verdict.altered + verdict.foreign),
      reordered: order.reordered,
      catchUpMs,
      seen: { ...seen, ...(examples === '' ? {} : { examples }) },
    };
  }

  /** Every report is counted in an alert, once: in the topic and in the store. */
  async #checkAlerts(): Promise<void> {
    const expected = this.ledger.errorCounts();
    expect(expected, 'accepted lines that say ERROR').not.toEqual({});
    await using log = await this.openLog();
    const inTopic = (): Promise<AlertCounts> => alertCountsInTopic(log, this.partitions);
    await expect.poll(inTopic, { timeout: idleMs, interval: 500 }).toEqual(expected);
    await expect.poll(() => this.storedAlerts(), { timeout: idleMs, interval: 500 }).toEqual(expected);
  }
}

/** `kill -9` of whatever process the role has now; false where it has none. */
export function kill(role: RoleChild): boolean {
  return role.pid !== undefined && signal(role.pid, 'SIGKILL');
}

/** False where the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
