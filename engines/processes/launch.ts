import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import type { ProcessPlan } from '../engine.ts';
import { identify, isRunning } from './process-identity.ts';
import type { ProcessRecord } from './records.ts';

const patienceMs = 240_000;
const askEveryMs = 100;
export const answerWithinMs = 3_000;
const longestLogBytes = 16 << 20;
const shownLogLines = 15;

export const logPath = (folder: string, name: string): string => join(folder, 'log', `${name}.log`);

/**
 * Starts a program that outlives this one, with its output in its log. Resolves when the machine has started it;
 * rejects with `INTERNAL` where it cannot be.
 */
export async function launch(plan: ProcessPlan, folder: string): Promise<ProcessRecord> {
  const log = openLog(folder, plan.name);
  const child = spawn(plan.command, plan.args, { cwd: folder, detached: true, stdio: ['ignore', log, log] });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new OpenFrameError('INTERNAL', `${plan.command} could not be started: ${messageOf(cause)}.`, {
      cause,
    });
  } finally {
    closeSync(log);
  }
  child.unref();
  const identity = child.pid === undefined ? null : identify(child.pid);
  if (identity === null) throw ended(plan.name, folder);
  return { name: plan.name, ...identity };
}

/**
 * Resolves when the program answers to `ask`; rejects with `STORE_UNAVAILABLE` where it ends, or stays silent for
 * 4 minutes.
 */
export async function untilAnswers(
  { name, ...identity }: ProcessRecord,
  ask: (signal: AbortSignal) => Promise<void>,
  folder: string,
  clock: Clock,
): Promise<void> {
  const deadlineMs = clock.nowMs() + patienceMs;
  for (;;) {
    try {
      return await ask(AbortSignal.timeout(answerWithinMs));
    } catch (cause) {
      if (!isRunning(identity)) throw ended(name, folder);
      if (clock.nowMs() >= deadlineMs) throw silent(name, folder, cause);
    }
    await clock.sleep(askEveryMs);
  }
}

function openLog(folder: string, name: string): number {
  const path = logPath(folder, name);
  mkdirSync(join(folder, 'log'), { recursive: true });
  if (existsSync(path) && statSync(path).size > longestLogBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}

function ended(name: string, folder: string): OpenFrameError {
  const path = logPath(folder, name);
  const message = `${name} ended before it answered. The end of its log, ${path}:\n${lastLines(path)}`;
  return new OpenFrameError('STORE_UNAVAILABLE', message);
}

function silent(name: string, folder: string, cause: unknown): OpenFrameError {
  const message = `${name} has not answered for ${patienceMs / 1000} s: ${messageOf(cause)} Its log is ${logPath(folder, name)}.`;
  return new OpenFrameError('STORE_UNAVAILABLE', message, { cause });
}

function lastLines(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-shownLogLines).join('\n');
}
