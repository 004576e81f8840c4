import { type ChildProcess, fork } from 'node:child_process';

import { OpenFrameError } from '../contracts/errors.ts';
import type { Backoff } from '../streams/backoff.ts';
import { parseRoleMessage, type RoleMessage } from './role-messages.ts';

export interface RoleChildOptions {
  /** As its log and the remarks call it. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Flags of Node. Default those of this process. */
  readonly nodeFlags?: readonly string[];
  /** Variables beside those of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** 0 takes a free one at the first start. */
  readonly port: number;
  readonly backoff: Backoff;
  /** How long it may take to end before it is killed. */
  readonly drainMs: number;
  readonly onRemark: (line: string) => void;
}

/** After so long at work an end counts as the first again. */
const settledAfterMs = 60_000;

/** One role as a child process: started again, with back-off, whenever it ends without being asked to. */
export class RoleChild {
  readonly name: string;
  readonly #options: RoleChildOptions;
  readonly #stopping = new AbortController();
  readonly #listening = Promise.withResolvers<string>();
  readonly #ready = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #port: string;
  #waitingFor: readonly string[] = [];
  #isReady = false;
  readonly #ended: Promise<void>;

  constructor(options: RoleChildOptions) {
    this.name = options.name;
    this.#options = options;
    this.#port = String(options.port);
    // Whoever waits for them gets the rejection.
    this.#listening.promise.catch(() => undefined);
    this.#ready.promise.catch(() => undefined);
    this.#ended = this.#keepRunning();
  }

  /** Its address, which it keeps for all its lives. Rejects as `ready` does. */
  get listening(): Promise<string> {
    return this.#listening.promise;
  }

  /** Resolves when it was ready for the first time; rejects with what kept it from starting. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it waits for before it is ready, one sentence each. */
  waitingFor(): readonly string[] {
    return this.#isReady ? [] : this.#waitingFor.map((what) => `${this.name} waits: ${what}`);
  }

  /** Asks it to finish what it has in hand and waits until it is gone; kills it where that takes too long. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
    const killing = setTimeout(() => {
      this.#options.onRemark(`${this.name} did not end in time and was killed.`);
      this.#child?.kill('SIGKILL');
    }, this.#options.drainMs);
    await this.#ended;
    clearTimeout(killing);
  }

  async #keepRunning(): Promise<void> {
    const { backoff, onRemark } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const startedMs = performance.now();
      const end = await this.#runOnce();
      if (this.#stopping.signal.aborted) return;
      if (!this.#isReady) {
        const fault = new OpenFrameError('INTERNAL', `${this.name} ended with ${end} before it was ready.`);
        this.#listening.reject(fault);
        this.#ready.reject(fault);
        return;
      }
      if (performance.now() - startedMs > settledAfterMs) backoff.reset();
      onRemark(`${this.name} ended with ${end} and is started again.`);
      await backoff.wait(this.#stopping.signal);
    }
  }

  /** Resolves, when the process is gone, to its exit code or the signal that ended it. */
  #runOnce(): Promise<string> {
    const { program, args, env, nodeFlags = process.execArgv } = this.#options;
    const child = fork(program, args, {
      env: { ...process.env, ...env, OPENFRAME_PORT: this.#port },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [...nodeFlags],
    });
    this.#child = child;
    child.on('message', (message) => this.#hear(parseRoleMessage(message)));
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? 'unknown'}`));
    });
  }

  #hear(message: RoleMessage | undefined): void {
    switch (message?.kind) {
      case 'listening':
        this.#port = new URL(message.url).port;
        return this.#listening.resolve(message.url);
      case 'waiting':
        this.#waitingFor = message.for;
        return;
      case 'ready':
        this.#isReady = true;
        return this.#ready.resolve();
      case 'failed': {
        const fault = new OpenFrameError(message.code, `${this.name}: ${message.message}`);
        this.#listening.reject(fault);
        return this.#ready.reject(fault);
      }
      case undefined:
        return;
    }
  }
}
