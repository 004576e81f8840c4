import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { type Clock, createSystemClock } from '../streams/clock.ts';
import { outliveControlConnection } from './driver-rejections.ts';
import { distributedEngines } from './engines-distributed.ts';
import { tellStarter } from './role-messages.ts';
import type { RoleName, SinkName } from './role-names.ts';
import { runRole, type StartRole } from './role-process.ts';
import { roleStart } from './roles.ts';
import { readSettings, type Settings } from './settings.ts';

export interface ServiceOptions {
  readonly role: RoleName;
  /** For the role `sink`: these alone. */
  readonly only?: readonly SinkName[];
  /** false: ends at once where an engine does not answer. */
  readonly wait: boolean;
  readonly port?: string;
  /** What the role does once its process stands. Default: as this version does it. */
  readonly start?: StartRole;
}

/**
 * One role on the real engines until SIGTERM (or Ctrl-C, or the end of the process that started it), which it
 * answers by finishing what it has in hand; a second Ctrl-C ends it at once. What it cannot start or go on with
 * is told to whoever started it, and thrown.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const { role, only, wait } = options;
  const stopping = new AbortController();
  try {
    const settings = readSettings({ OPENFRAME_PROFILE: 'distributed', OPENFRAME_PORT: options.port });
    stopOnSignals(stopping, settings.OPENFRAME_DRAIN_SECONDS);
    const clock = createSystemClock();
    const warn = warner(settings, clock, role);
    outliveControlConnection(warn);
    const engines = distributedEngines(settings, { clock, role, onWarning: warn });
    const { start = roleStart(role, only) } = options;
    const { signal: stop } = stopping;
    await runRole({ name: role, start, settings, engines, clock, wait, stop, tell: tellStarter });
  } catch (error) {
    const code = error instanceof OpenFrameError ? error.code : 'INTERNAL';
    tellStarter({ kind: 'failed', code, message: messageOf(error) });
    throw error;
  } finally {
    if (process.connected) process.disconnect();
  }
}

/** A line as those of the role's log, which is not open yet when its engines are made. */
function warner({ OPENFRAME_LOG_LEVEL: level }: Settings, clock: Clock, role: RoleName) {
  return (msg: string): void => {
    if (level === 'error' || level === 'silent') return;
    process.stderr.write(`${JSON.stringify({ level: 40, time: clock.nowMs(), name: role, msg })}\n`);
  };
}

function stopOnSignals(stopping: AbortController, drainSeconds: number): void {
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    // A store that never answers must not keep the process: what it has not acknowledged is repeated.
    setTimeout(() => process.exit(1), drainSeconds * 1000).unref();
  };
  // Whoever ends a group of processes may say so twice.
  process.on('SIGTERM', stop);
  if (process.connected) {
    // Ctrl-C reaches the whole group; the process that started this one says when it is its turn.
    process.on('SIGINT', () => undefined);
    process.on('disconnect', stop);
    return;
  }
  process.on('SIGINT', () => {
    if (stopping.signal.aborted) process.exit(1);
    stop();
  });
}
