import type { FastifyInstance } from 'fastify';

import { isRetryable, messageOf } from '../contracts/errors.ts';
import { Backoff } from '../streams/backoff.ts';
import type { Clock } from '../streams/clock.ts';
import type { Random } from '../streams/random.ts';
import type { Running } from '../streams/running.ts';
import type { EngineName, EngineOpeners, EnginePorts, Engines } from './engines.ts';
import type { Settings } from './settings.ts';

/** What a role is given to start with. */
export interface RoleContext {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: FastifyInstance['log'];
  /** Each opener waits for its engine, with back-off, and answers the same port each time. Closed with the process. */
  readonly engines: EngineOpeners;
  /** Makes a pipeline part of what the process tells of itself and ends by. */
  run(running: Running): void;
  /** What the role starts goes here; closed in reverse, before the engines. */
  readonly stack: AsyncDisposableStack;
}

/** Thrown where a wait is cut short because the process was asked to stop. */
export class Stopped extends Error {}

export interface WaitingOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** false: what an engine throws at the first try is thrown on. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
  /** Each engine that was opened goes here. */
  readonly stack: AsyncDisposableStack;
  readonly onChange: (waitingFor: readonly string[]) => void;
  /** Told what an engine threw that is tried again, once as long as it stays the same. */
  readonly onFault: (what: string) => void;
}

const backoff = { initialMs: 200, maxMs: 5_000 };

/** Opens each engine once, and repeats while it does not answer. */
export class WaitingEngines {
  readonly #engines: Engines;
  readonly #options: WaitingOptions;
  readonly #waiting = new Map<EngineName, string>();
  readonly #opened: { -readonly [Name in EngineName]?: EnginePorts[Name] } = {};
  /** They throw what does not pass by itself, and `Stopped` once the signal aborts. */
  readonly openers: EngineOpeners;

  constructor(engines: Engines, options: WaitingOptions) {
    this.#engines = engines;
    this.#options = options;
    this.openers = {
      messaging: this.#once('messaging'),
      log: this.#once('log'),
      eventLog: this.#once('eventLog'),
      analytics: this.#once('analytics'),
      documents: this.#once('documents'),
      cache: this.#once('cache'),
    };
  }

  /** Those that are open by now. */
  get opened(): Partial<EnginePorts> {
    return this.#opened;
  }

  /** What is waited for, one sentence each. */
  waitingFor(): readonly string[] {
    return [...this.#waiting.values()];
  }

  #once<Name extends EngineName>(name: Name): () => Promise<EnginePorts[Name]> {
    let opening: Promise<EnginePorts[Name]> | undefined;
    return () => (opening ??= this.#openRepeatedly(name));
  }

  async #openRepeatedly<Name extends EngineName>(name: Name): Promise<EnginePorts[Name]> {
    const { clock, random, signal, stack, wait } = this.#options;
    const pause = new Backoff(backoff, clock, random);
    const where = this.#engines.where(name);
    this.#say(name, `${where} is being opened.`);
    for (;;) {
      try {
        const port = await this.#open(name);
        stack.use(port);
        this.#opened[name] = port;
        this.#say(name, null);
        return port;
      } catch (error) {
        if (!isRetryable(error) || !wait) throw error;
        const what = `${where}: ${messageOf(error)}`;
        if (this.#waiting.get(name) !== what) this.#options.onFault(what);
        this.#say(name, what);
      }
      await pause.wait(signal);
      if (signal.aborted) throw new Stopped();
    }
  }

  async #open<Name extends EngineName>(name: Name): Promise<EnginePorts[Name]> {
    const openers: EngineOpeners = this.#engines;
    const opening = openers[name]();
    const port = await unlessAborted(opening, this.#options.signal);
    if (port !== undefined) return port;
    // It may still open; nobody wants it any more.
    opening.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined);
    throw new Stopped();
  }

  #say(name: EngineName, what: string | null): void {
    if (what === null ? !this.#waiting.delete(name) : this.#waiting.get(name) === what) return;
    if (what !== null) this.#waiting.set(name, what);
    this.#options.onChange(this.waitingFor());
  }
}

/** What `work` resolves to, or undefined once the signal aborts. Leaves no listener behind. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const onAbort = (): void => aborted.resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
