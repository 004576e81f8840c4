import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Counter, type Registry } from 'prom-client';

import type { Clock } from '../streams/clock.ts';
import { startRounds } from './rounds.ts';

/** What a reader must take of an answer, and how long it may take nothing at first. */
const readerLimits = { graceMs: 30_000, leastBytesPerSecond: 8 * 1024 } as const;
const lookEveryMs = 5_000;

/** What of an answer has been waiting for its reader, without a break. */
interface Waiting {
  readonly sinceMs: number;
  /** What the connection had taken then. */
  readonly takenBytes: number;
}

interface Reader {
  /** Without the query string, which may hold what is nobody's business. */
  path: string;
  waiting: Waiting | null;
}

export interface SlowReadersDeps {
  readonly clock: Clock;
  readonly registry: Registry;
}

/**
 * Cuts connections that leave an answer lying: server-sent events, WebSockets, exports and plain answers alike. After
 * 30 s in which something waited all the time, a reader must have taken 8 KiB for each further second. What it left is
 * freed, what was read for it is let go, and the log and `openframe_slow_readers_cut_total` say so. A reader that is owed
 * nothing may stay as long as it likes.
 */
export function cutSlowReaders(app: FastifyInstance, { clock, registry }: SlowReadersDeps): void {
  const readers = new Map<Socket, Reader>();
  const cuts = new Counter({
    name: 'openframe_slow_readers_cut_total',
    help: 'Connections cut because their answer was not read.',
    registers: [registry],
  });
  app.addHook('onRequest', async ({ raw: { socket, url = '' } }) => {
    const path = url.split('?', 1)[0] ?? '';
    const known = readers.get(socket);
    if (known !== undefined) {
      known.path = path;
      return;
    }
    readers.set(socket, { path, waiting: null });
    socket.once('close', () => readers.delete(socket));
  });
  const look = (): void => {
    const nowMs = clock.nowMs();
    for (const [socket, reader] of readers) {
      reader.waiting = waitingOf(socket, reader.waiting, nowMs);
      if (reader.waiting === null || !isTooSlow(socket, reader.waiting, nowMs)) continue;
      cuts.inc();
      const { path, waiting } = reader;
      const told = { path, waitedMs: nowMs - waiting.sinceMs, waitingBytes: socket.writableLength };
      app.log.warn(told, 'A reader was cut: it did not read what it had asked for.');
      socket.destroy();
    }
  };
  const onFault = (reason: string): void => app.log.error(`Slow readers are not cut: ${reason}`);
  const looking = startRounds({ clock, everyMs: lookEveryMs, onFault }, look);
  app.addHook('preClose', () => looking[Symbol.asyncDispose]());
}

function waitingOf(socket: Socket, former: Waiting | null, nowMs: number): Waiting | null {
  if (socket.writableLength === 0) return null;
  return former ?? { sinceMs: nowMs, takenBytes: takenBytesOf(socket) };
}

/** A large piece counts once it was taken whole, so what waits is allowed for as well. */
function isTooSlow(socket: Socket, { sinceMs, takenBytes }: Waiting, nowMs: number): boolean {
  const bytes = takenBytesOf(socket) - takenBytes + socket.writableLength;
  const allowedMs = readerLimits.graceMs + (bytes / readerLimits.leastBytesPerSecond) * 1_000;
  return nowMs - sinceMs >= allowedMs;
}

function takenBytesOf(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}
