import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { endWithUs } from '../end-with-us.ts';

/** What a program took from its start on: CPU of the process and its threads, and its peak of resident memory. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly peakResidentMb: number;
  readonly wallSeconds: number;
}

const pollMs = 100;
/** In which /proc counts: USER_HZ, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
const killAfterMs = 20_000;

/** A program whose use of the machine is read from /proc (proc(5)) every tenth of a second. */
export class MeasuredProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #startedMs = performance.now();
  readonly #reapedBefore = reapedTicks();
  #isOver = false;
  #cpuTicks = 0;
  #peakKb = 0;

  constructor([program = '', ...args]: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    endWithUs(this.#child);
    this.#ended = new Promise((resolve) => {
      const over = (): void => {
        this.#isOver = true;
        this.#cpuTicks = reapedTicks() - this.#reapedBefore;
        resolve();
      };
      this.#child.once('exit', over);
      this.#child.once('error', over);
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** So far: exact once it has ended, where no other child of this process ended meanwhile. */
  usage(): Usage {
    this.#read();
    return {
      cpuSeconds: this.#cpuTicks / ticksPerSecond,
      peakResidentMb: Math.round(this.#peakKb / 1024),
      wallSeconds: (performance.now() - this.#startedMs) / 1000,
    };
  }

  /** Resolves with what it took when it has ended by itself; ends it after `timeoutMs`. */
  async finished(timeoutMs: number): Promise<Usage> {
    const endsAtMs = performance.now() + timeoutMs;
    while (!this.#isOver && performance.now() < endsAtMs) {
      this.#read();
      await Promise.race([this.#ended, pause(pollMs)]);
    }
    return this.usage();
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.#isOver) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOver) return;
    this.#child.kill('SIGTERM');
    await Promise.race([this.#ended, pause(killAfterMs)]);
    if (!this.#isOver) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #read(): void {
    if (this.#isOver) return;
    try {
      this.#cpuTicks = ticks(this.#child.pid ?? 0, userTime) + ticks(this.#child.pid ?? 0, userTime + 1);
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      this.#peakKb = Math.max(this.#peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  }
}

/** Places in the line of /proc/PID/stat behind the name in parentheses, which may hold anything. */
const userTime = 11;
const reapedUserTime = 13;

/** CPU of children of this process that have ended. */
function reapedTicks(): number {
  return ticks(process.pid, reapedUserTime) + ticks(process.pid, reapedUserTime + 1);
}

function ticks(pid: number, field: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[field]);
}
