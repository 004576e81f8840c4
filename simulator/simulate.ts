import { Pool } from 'undici';

import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { DoorHistograms } from './door-histograms.ts';
import { createEventLines, type EventLines } from './event-lines.ts';
import { createFleet, type SimulatedAgent } from './fleet.ts';
import { createLoadShape } from './load-shape.ts';
import { isCut, type SiteCut } from './site-cut.ts';
import { type SendCounts, TenantSender } from './tenant-sender.ts';

export interface SimulateOptions {
  readonly serverUrl: string;
  /** Tenant to its agents' token. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly agents: number;
  /** Events a second, duplicates included, offered at a constant rate whatever the server does. */
  readonly ratePerSecond: number;
  readonly durationMs: number;
  readonly seed: number;
  /**
   * Milliseconds since the epoch: the run sends the events of one that began then, their times and ids included, which
   * with an equal seed are equal each time. Left out: events are of now, and their ids of this run.
   */
  readonly startMs?: number;
  /** Share of the events that are sent a second time, 5 s later. */
  readonly duplicates: number;
  /** Share of the events whose own time is two hours back. */
  readonly late?: number;
  readonly cut?: SiteCut;
  /** How many times the rate of the other seconds every fifth second offers. */
  readonly burst?: number;
  /** How long an event waits at most for others of its tenant, to go in one request. Default 250. */
  readonly lingerMs?: number;
  /** Whether what is over a tenant's quota is given up instead of sent again. Default false. */
  readonly dropRefused?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SimulateProgress) => void;
}

export interface SimulateProgress {
  readonly elapsedMs: number;
  readonly offered: number;
  readonly accepted: number;
}

/** What was sent: enough to check what arrived. */
export interface SimulateReport extends SendCounts {
  readonly seed: number;
  /** When the run began by its events' ids. */
  readonly start: string;
  readonly agents: number;
  readonly tenants: number;
  readonly offeredRatePerSecond: number;
  readonly seconds: number;
  /** Events handed to the sender, duplicates included. */
  readonly sent: number;
  /** Different events among them. */
  readonly unique: number;
  readonly duplicates: number;
  /** Events that were not made, since their agent's site was cut. */
  readonly cut: number;
  /** How far the generator fell behind its rate at worst: a large value means that the rate was not offered. */
  readonly behindMs: number;
  /** CPU that this process took, for each event it sent. */
  readonly cpuMicrosPerEvent: number;
  /**
   * Milliseconds until events were durable at the door, as HdrHistograms (version 2, compressed, base64): from when
   * each was to be sent, and from when its request began, which hides what waited before.
   */
  readonly doorLatency: { readonly corrected: string; readonly raw: string };
  readonly uniqueByTenant: Readonly<Record<string, number>>;
}

const tickMs = 10;
const defaultLingerMs = 250;
const maxInFlight = 48;
const duplicateDelayMs = 5_000;
/** So many repeated events are forgotten together: taking the first of many away moves all others. */
const forgetEvery = 4096;
const lateByMs = 2 * 3_600_000;

/** Runs the fleet through the server's real door, open loop, and says what it sent. */
export async function simulate(options: SimulateOptions): Promise<SimulateReport> {
  await using run = new SimulationRun(options);
  await run.introduce();
  await run.send();
  return run.report();
}

interface Delayed {
  readonly agent: SimulatedAgent;
  readonly sender: TenantSender;
  readonly line: string;
  /** When it is due, after the start. */
  readonly afterMs: number;
}

class SimulationRun implements AsyncDisposable {
  readonly #options: SimulateOptions;
  readonly #random;
  readonly #originMs: number;
  readonly #fleet;
  readonly #lines: EventLines;
  readonly #pool: Pool;
  readonly #shape;
  readonly #latency = new DoorHistograms();
  readonly #senders = new Map<string, TenantSender>();
  readonly #counts: SendCounts = { accepted: 0, rejected: 0, resent: 0, refused: 0, requests: 0 };
  readonly #inFlight = new Set<Promise<void>>();
  readonly #failed = new AbortController();
  /** In the order they are due; those before `#repeated` were sent. */
  #delayed: Delayed[] = [];
  #repeated = 0;
  #sent = 0;
  #duplicates = 0;
  #cut = 0;
  #behindMs = 0;
  #startedMs = 0;
  /** When events were begun to be sent; agents have introduced themselves then. */
  #sendingFromMs = 0;
  #endedMs = 0;

  constructor(options: SimulateOptions) {
    this.#options = options;
    this.#random = createRandom(options.seed ^ 0x51ed270b);
    this.#originMs = options.startMs ?? options.clock.nowMs();
    this.#lines = createEventLines(this.#random, `${this.#originMs.toString(36)}-`);
    const tenants = [...options.tokens.keys()];
    this.#fleet = createFleet({ agents: options.agents, tenants, seed: options.seed });
    this.#shape = createLoadShape(options.ratePerSecond, options.burst ?? 1);
    this.#pool = new Pool(options.serverUrl, { connections: 8, pipelining: 1 });
    const signal = AbortSignal.any([options.signal, this.#failed.signal]);
    // Of their own: how often something must be sent again must not change what is sent.
    const retries = createRandom(options.seed);
    for (const [tenantId, token] of options.tokens) {
      const shared = {
        pool: this.#pool,
        clock: options.clock,
        random: retries,
        counts: this.#counts,
        latency: this.#latency,
        signal,
        dropRefused: options.dropRefused ?? false,
      };
      const phaseMs = this.#random.next() * (options.lingerMs ?? defaultLingerMs);
      this.#senders.set(tenantId, new TenantSender({ ...shared, token, phaseMs }));
    }
  }

  /** Every agent says who it is. */
  async introduce(): Promise<void> {
    const { clock } = this.#options;
    this.#startedMs = clock.nowMs();
    for (const agent of this.#fleet.agents) {
      const nowMs = clock.nowMs();
      this.#add(agent, this.#lines.inventory(agent, this.#options.startMs ?? nowMs), nowMs, nowMs);
      await this.#flushFull(nowMs);
    }
    await this.#drain();
    this.#latency.reset();
  }

  async send(): Promise<void> {
    const { clock, durationMs, ratePerSecond, signal, onProgress } = this.#options;
    const startMs = clock.nowMs();
    this.#sendingFromMs = startMs;
    let offered = 0;
    let reportedMs = startMs;
    while (!signal.aborted && !this.#failed.signal.aborted) {
      const nowMs = clock.nowMs();
      const elapsedMs = Math.min(nowMs - startMs, durationMs);
      const due = this.#shape.dueBy(elapsedMs);
      this.#behindMs = Math.max(this.#behindMs, nowMs - startMs - this.#shape.dueMs(offered) - tickMs);
      for (let inTick = 0; offered < due && inTick < ratePerSecond; inTick++, offered++) {
        this.#next(this.#shape.dueMs(offered), nowMs);
      }
      await this.#flushFull(nowMs);
      if (nowMs - reportedMs >= 500) {
        reportedMs = nowMs;
        onProgress?.({ elapsedMs, offered, accepted: this.#counts.accepted });
      }
      if (elapsedMs >= durationMs && offered >= due) break;
      await clock.sleep(tickMs, signal);
    }
    this.#endedMs = clock.nowMs();
    for (const delayed of this.#delayed.slice(this.#repeated)) {
      this.#repeat(delayed, Math.min(durationMs, this.#endedMs - startMs), this.#endedMs);
    }
    this.#delayed = [];
    await this.#drain();
  }

  report(): SimulateReport {
    const { seed, agents, tokens, ratePerSecond } = this.#options;
    const senders = [...this.#senders].filter(([, { unique }]) => unique > 0);
    const uniqueByTenant = Object.fromEntries(senders.map(([tenantId, { unique }]) => [tenantId, unique]));
    return {
      seed,
      start: new Date(this.#originMs).toISOString(),
      agents,
      tenants: tokens.size,
      offeredRatePerSecond: ratePerSecond,
      seconds: (this.#endedMs - this.#startedMs) / 1000,
      sent: this.#sent,
      unique: Object.values(uniqueByTenant).reduce((sum, n) => sum + n, 0),
      duplicates: this.#duplicates,
      cut: this.#cut,
      ...this.#counts,
      behindMs: Math.max(0, Math.round(this.#behindMs)),
      cpuMicrosPerEvent: cpuMicrosPerEvent(this.#sent),
      doorLatency: this.#latency.encoded(),
      uniqueByTenant,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#failed.abort();
    await Promise.allSettled(this.#inFlight);
    await this.#pool.destroy();
  }

  /** Hands over the event that is due so long after the start: its own time, unless the run repeats another. */
  #next(afterMs: number, nowMs: number): void {
    const repeated = this.#delayed[this.#repeated];
    if (repeated !== undefined && repeated.afterMs <= afterMs) {
      if (++this.#repeated === forgetEvery) this.#forgetRepeated();
      this.#repeat(repeated, afterMs, nowMs);
      return;
    }
    const { duplicates, late = 0, startMs = this.#sendingFromMs } = this.#options;
    const agent = this.#fleet.pick();
    if (isCut(this.#options.cut, agent.organizationId, afterMs)) return void this.#cut++;
    const lateMs = late > 0 && this.#random.next() < late ? lateByMs : 0;
    const line = this.#lines.next(agent, startMs + afterMs - lateMs);
    const sender = this.#add(agent, line, this.#sendingFromMs + afterMs, nowMs);
    if (this.#random.next() < duplicates / (1 - duplicates)) {
      this.#delayed.push({ agent, sender, line, afterMs: afterMs + duplicateDelayMs });
    }
  }

  #forgetRepeated(): void {
    this.#delayed.splice(0, this.#repeated);
    this.#repeated = 0;
  }

  #add(agent: SimulatedAgent, line: string, dueMs: number, nowMs: number): TenantSender {
    const sender = this.#senders.get(agent.tenantId);
    if (sender === undefined) throw new RangeError(`no token for the tenant ${agent.tenantId}`);
    sender.unique++;
    this.#sent++;
    sender.add(line, dueMs, nowMs);
    return sender;
  }

  #repeat({ agent, sender, line }: Delayed, afterMs: number, nowMs: number): void {
    if (isCut(this.#options.cut, agent.organizationId, afterMs)) return void this.#cut++;
    this.#duplicates++;
    this.#sent++;
    sender.add(line, this.#sendingFromMs + afterMs, nowMs);
  }

  /** Sends what is full or has waited long; waits while too much is under way. */
  async #flushFull(nowMs: number): Promise<void> {
    const { lingerMs = defaultLingerMs } = this.#options;
    for (const sender of this.#senders.values()) {
      while (sender.wholeBodies > 0) await this.#start(sender);
      if (sender.isWaiting && nowMs - sender.oldestMs >= lingerMs) await this.#start(sender);
    }
  }

  async #start(sender: TenantSender): Promise<void> {
    while (this.#inFlight.size >= maxInFlight) await Promise.race(this.#inFlight);
    const sending: Promise<void> = sender
      .flush()
      .catch((error: unknown) => this.#failed.abort(error))
      .finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  async #drain(): Promise<void> {
    for (const sender of this.#senders.values()) while (sender.isWaiting) await this.#start(sender);
    await Promise.all(this.#inFlight);
    if (this.#failed.signal.aborted) throw this.#failed.signal.reason;
  }
}

function cpuMicrosPerEvent(events: number): number {
  const { user, system } = process.cpuUsage();
  return events === 0 ? 0 : Number(((user + system) / events).toFixed(2));
}
