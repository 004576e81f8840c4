import { randomInt } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import type { Running } from '../streams/running.ts';
import { instanceOf } from './engines-distributed.ts';
import type { Engines } from './engines.ts';
import { registerHealth } from './health.ts';
import { createPipelineStatuses } from './pipeline-statuses.ts';
import { type RoleContext, Stopped, WaitingEngines } from './role-context.ts';
import type { RoleMessage } from './role-messages.ts';
import { type RoleServer, startRoleServer } from './role-server.ts';
import type { Settings } from './settings.ts';
import { cutSlowReaders } from './slow-readers.ts';
import { startStatusReports } from './status-reports.ts';

/** What a role does once its engines are there. */
export interface RoleWork {
  /** Served beside health and metrics. */
  readonly routes?: (app: FastifyInstance, registry: Registry) => void | Promise<void>;
}

export type StartRole = (context: RoleContext) => Promise<RoleWork>;

export interface RoleProcessOptions {
  /** Names the process in its log. */
  readonly name: string;
  readonly start: StartRole;
  readonly settings: Settings;
  readonly engines: Engines;
  readonly clock: Clock;
  /** false: an engine that does not answer at the first try ends the start. */
  readonly wait: boolean;
  /** Aborts when the process should finish what it has in hand, and end. */
  readonly stop: AbortSignal;
  /** Told where it answers, what it waits for, and that it is ready. */
  readonly tell: (message: RoleMessage) => void;
}

/**
 * Runs one role until `stop` aborts, then drains it: the door closes and answers what is under way, pipelines
 * commit the batch in hand, sources hand their partitions over, engines close. Throws what the role cannot start
 * or go on with. A pipeline that stopped over its share of dead letters stays, not ready, since a new start would
 * bury more.
 */
export async function runRole(options: RoleProcessOptions): Promise<void> {
  const role = new RoleProcess(options);
  try {
    await role.start();
    await role.ended();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  } finally {
    await role.drain();
  }
}

class RoleProcess {
  readonly #options: RoleProcessOptions;
  readonly #running: Running[] = [];
  readonly #stack = new AsyncDisposableStack();
  readonly #engineStack = new AsyncDisposableStack();
  readonly #engines: WaitingEngines;
  readonly #fault = Promise.withResolvers<never>();
  /** Aborts when nothing more is to be opened: at `stop`, and at the end by a fault. */
  readonly #draining = new AbortController();
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #server: RoleServer | undefined;
  #hasRoutes = false;

  constructor(options: RoleProcessOptions) {
    this.#options = options;
    this.#fault.promise.catch(() => undefined);
    this.#engines = new WaitingEngines(options.engines, {
      clock: options.clock,
      random: createRandom(randomInt(2 ** 32)),
      wait: options.wait,
      signal: AbortSignal.any([options.stop, this.#draining.signal]),
      stack: this.#engineStack,
      onChange: (waitingFor) => {
        if (this.#phase === 'starting') options.tell({ kind: 'waiting', for: waitingFor });
      },
      onFault: (what) => this.#server?.log.warn({ waitingFor: what }, 'It waits for an engine.'),
    });
  }

  async start(): Promise<void> {
    const { name, settings, clock, start } = this.#options;
    const server = await startRoleServer(
      settings,
      name,
      (app) => void this.#registerHealth(app),
      () => this.#phase === 'starting',
    );
    this.#server = server;
    this.#options.tell({ kind: 'listening', url: server.url });
    server.log.info({ url: server.url }, 'It answers.');
    // For its status reports: loaded beside the rest, and not when partitions that are its by then wait for it.
    this.#engines.openers.documents().catch(() => undefined);
    const context: RoleContext = {
      settings,
      clock,
      random: createRandom(randomInt(2 ** 32)),
      log: server.log,
      engines: this.#engines.openers,
      stack: this.#stack,
      run: (running) => this.#run(running),
    };
    const { routes } = await Promise.race([start(context), this.#fault.promise]);
    if (routes !== undefined) {
      await server.serve((app) => {
        const registry = this.#registerHealth(app);
        cutSlowReaders(app, { clock, registry });
        return routes(app, registry);
      });
    }
    this.#hasRoutes = routes !== undefined;
    const instance = instanceOf(settings, name);
    const reports = { documents: this.#engines.openers.documents, running: this.#running, instance, clock };
    this.#stack.use(startStatusReports(reports));
    this.#phase = 'running';
    this.#options.tell({ kind: 'ready' });
    server.log.info('It is ready.');
  }

  /** Resolves when the process should end; rejects when it cannot go on. */
  async ended(): Promise<void> {
    const { stop } = this.#options;
    const stopped = Promise.withResolvers<void>();
    stop.addEventListener('abort', () => stopped.resolve(), { once: true });
    if (!stop.aborted) await Promise.race([stopped.promise, this.#fault.promise]);
  }

  async drain(): Promise<void> {
    this.#phase = 'stopping';
    this.#draining.abort();
    const server = this.#server;
    const maxMs = (this.#options.settings.OPENFRAME_DRAIN_SECONDS * 1000) / 2;
    server?.log.info('It stops: what it has in hand is finished first.');
    if (this.#hasRoutes) await server?.close(maxMs);
    await this.#stack.disposeAsync();
    await this.#engineStack.disposeAsync();
    if (!this.#hasRoutes) await server?.close(maxMs);
    server?.log.info('It stopped.');
  }

  #registerHealth(app: FastifyInstance): Registry {
    const { opened } = this.#engines;
    const pipelines = createPipelineStatuses(
      {
        statuses: () => this.#running.map((one) => one.status()),
        log: { lag: async () => (await opened.log?.lag()) ?? [] },
        messaging: { status: async () => opened.messaging?.status() },
      },
      () => this.#options.clock.nowMs(),
    );
    const degraded = (): string | null => opened.cache?.degraded?.() ?? null;
    return registerHealth(app, { pipelines, degraded, waitingFor: () => this.#waitingFor() });
  }

  #waitingFor(): readonly string[] {
    if (this.#phase === 'running') return [];
    return this.#phase === 'stopping'
      ? ['It is stopping.']
      : ['It is starting.', ...this.#engines.waitingFor()];
  }

  #run(running: Running): void {
    this.#running.push(running);
    running.done.then(() => {
      const fault = running.fault();
      if (this.#phase === 'stopping' || fault === undefined) return;
      this.#server?.log.error({ pipeline: running.name, err: fault }, messageOf(fault));
      if (fault instanceof OpenFrameError && fault.code === 'DEAD_LETTER_LIMIT') return;
      this.#fault.reject(fault);
    }, this.#fault.reject);
  }
}
