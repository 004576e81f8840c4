import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';

/** One life of a simulated process. What it waits for never comes once it is dead. */
export interface Life {
  readonly name: string;
  alive: boolean;
}

/** What may befall a request besides coming late: chances in [0, 1). */
export interface Faults {
  /** It fails, without effect. */
  readonly refused: number;
  /** It takes effect, but its answer is lost: the caller sees it fail. */
  readonly lostAnswer: number;
  /** It takes effect again later, unknown to the caller. */
  readonly repeated: number;
  /** It is under way for long: others overtake it. */
  readonly slow: number;
}

export interface RequestOptions {
  /** Default true: the request goes over a network that may repeat it. */
  readonly repeatable?: boolean;
}

interface Pending {
  readonly life: Life;
  readonly name: string;
  readonly effect: () => unknown;
  readonly repeatable: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** A slow request is passed over until this step, unless nothing else is left. */
  readonly notBeforeStep: number;
  /** Its sender died or has its answer already: nobody hears of it. */
  orphaned: boolean;
}

interface Timer {
  readonly life: Life;
  readonly dueMs: number;
  readonly wake: () => void;
}

const noFaults: Faults = { refused: 0, lostAnswer: 0, repeated: 0, slow: 0 };
const slowSteps = 60;

/**
 * Decides, from one seed, which of all pending requests and timers of a simulated world happens next, and how
 * it ends. Real promises and the real code run in between; since only this scheduler resolves what they wait
 * for, one at a time, and lets every microtask run before the next, equal seeds give equal histories.
 */
export class Scheduler {
  readonly #random: Random;
  readonly #log: ((line: string) => void) | undefined;
  #pending: Pending[] = [];
  #timers: Timer[] = [];
  #nowMs: number;
  #hash = 0x811c9dc5;
  #steps = 0;
  faults: Faults = noFaults;

  constructor(random: Random, startMs: number, log?: (line: string) => void) {
    this.#random = random;
    this.#nowMs = startMs;
    this.#log = log;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Of everything that happened so far, in order. */
  get traceHash(): number {
    return this.#hash >>> 0;
  }

  calm(): void {
    this.faults = noFaults;
  }

  /** Sends a request whose `effect` happens, or not, when the scheduler picks it. */
  request<T>(life: Life, name: string, effect: () => T, options: RequestOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({
        life,
        name,
        effect,
        repeatable: options.repeatable ?? true,
        resolve: (value) => resolve(value as T),
        reject,
        notBeforeStep:
          this.#steps + (this.#random.next() < this.faults.slow ? this.#random.below(slowSteps) : 0),
        orphaned: false,
      });
    });
  }

  clockOf(life: Life): Clock {
    return { nowMs: () => this.#nowMs, sleep: (ms, signal) => this.#sleep(life, ms, signal) };
  }

  /** Kills a process: its requests under way may still take effect, but nobody hears of it. */
  kill(life: Life): void {
    life.alive = false;
    this.note(`crash ${life.name}`);
    this.#timers = this.#timers.filter((timer) => timer.life !== life);
    this.#pending = this.#pending.filter((pending) => {
      if (pending.life !== life) return true;
      pending.orphaned = true;
      return this.#random.below(2) === 0;
    });
  }

  /** Lets one thing happen and everything that follows from it. False where nothing is left to happen. */
  async step(): Promise<boolean> {
    this.#steps++;
    const timerFirst = this.#timers.length > 0 && this.#random.below(12) === 0;
    if (this.#pending.length > 0 && !timerFirst) this.#complete();
    else if (this.#timers.length > 0) this.#ring();
    else return false;
    await settled();
    return true;
  }

  /** Adds a line to the history. */
  note(line: string): void {
    let hash = this.#hash;
    for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
    this.#hash = Math.imul(hash ^ this.#nowMs, 0x01000193);
    this.#log?.(`${this.#nowMs} ${line}`);
  }

  #complete(): void {
    const at = this.#pick();
    const pending = this.#pending[at];
    if (pending === undefined) return;
    this.#pending[at] = this.#pending[this.#pending.length - 1] as Pending;
    this.#pending.pop();
    const fate = this.#random.next();
    const { refused, lostAnswer } = this.faults;
    if (fate < refused) return this.#fail(pending, 'refused');
    const repeat = pending.repeatable && this.#random.next() < this.faults.repeated;
    if (repeat) this.#pending.push({ ...pending, orphaned: true });
    try {
      const value = pending.effect();
      if (fate < refused + lostAnswer) return this.#fail(pending, 'lost answer');
      this.note(`${pending.life.name} ${pending.name}${repeat ? ' (comes again)' : ''}`);
      if (!pending.orphaned) pending.resolve(value);
    } catch (error) {
      this.note(`${pending.life.name} ${pending.name}: ${(error as Error).message}`);
      if (!pending.orphaned) pending.reject(error);
    }
  }

  /** Any request that is not slow; where all are, any of those. */
  #pick(): number {
    const count = this.#pending.length;
    const start = this.#random.below(count);
    for (let i = 0; i < count; i++) {
      const at = (start + i) % count;
      if ((this.#pending[at]?.notBeforeStep ?? 0) <= this.#steps) return at;
    }
    return start;
  }

  #fail(pending: Pending, how: string): void {
    this.note(`${pending.life.name} ${pending.name}: ${how}`);
    if (pending.orphaned) return;
    pending.reject(new OpenFrameError('STORE_UNAVAILABLE', `${pending.name}: ${how}`, { retryable: true }));
  }

  #ring(): void {
    let first = 0;
    for (const [i, timer] of this.#timers.entries()) {
      if (timer.dueMs < (this.#timers[first]?.dueMs ?? 0)) first = i;
    }
    const [timer] = this.#timers.splice(first, 1);
    if (timer === undefined) return;
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.wake();
  }

  #sleep(life: Life, ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer: Timer = { life, dueMs: this.#nowMs + Math.max(1, Math.ceil(ms)), wake: resolve };
      this.#timers.push(timer);
      const onAbort = (): void => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/** Resolves when no microtask is left: Node runs ticks only then, and nothing else is under way. */
export function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
