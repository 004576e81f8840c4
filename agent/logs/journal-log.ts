import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { z } from 'zod';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import { severityTexts } from './kernel-log.ts';
import { type LogBatch, type LogLine, logLimits, type LogSource } from './log-source.ts';
import { cutText, splitLines } from './split-lines.ts';

/** A field is text, bytes as numbers where it is not, null where it is too long, and a list where it stands twice. */
const fieldSchema = z.union([
  z.string(),
  z.array(z.union([z.number(), z.string(), z.array(z.number())])),
  z.null(),
]);

const entrySchema = z.object({
  __CURSOR: z.string(),
  __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,17}$/),
  MESSAGE: fieldSchema.optional(),
  PRIORITY: fieldSchema.optional(),
  SYSLOG_IDENTIFIER: fieldSchema.optional(),
  _SYSTEMD_UNIT: fieldSchema.optional(),
});

/** One line of `journalctl -o json` (systemd's Journal JSON Format) and the cursor that follows it. */
export function parseJournalEntry(
  json: string,
): { readonly cursor: string; readonly lines: LogLine[] } | undefined {
  const entry = entrySchema.safeParse(parseJson(json)).data;
  if (entry === undefined) return undefined;
  const priority = Number(textOf(entry.PRIORITY));
  const severityText = Number.isInteger(priority) ? severityTexts[priority] : undefined;
  const id = journalId(entry.__CURSOR);
  const lines = cutText(textOf(entry.MESSAGE) ?? '', logLimits.lineBytes).map((message, piece) => ({
    id: piece === 0 ? id : `${id}.${piece}`,
    timeMs: Math.floor(Number(entry.__REALTIME_TIMESTAMP) / 1000),
    message,
    logger: textOf(entry._SYSTEMD_UNIT) ?? textOf(entry.SYSLOG_IDENTIFIER) ?? 'journal',
    ...(severityText === undefined ? {} : { severityText }),
  }));
  return { cursor: entry.__CURSOR, lines };
}

/** The cursor names the entry (sequence, boot, times); its hash does too and is short. */
function journalId(cursor: string): string {
  return `journal-${hash('sha256', cursor, 'base64url').slice(0, 22)}`;
}

function textOf(field: z.infer<typeof fieldSchema> | undefined): string | undefined {
  if (field === undefined || field === null) return undefined;
  if (typeof field === 'string') return field;
  const bytes = field.filter((item) => typeof item === 'number');
  if (bytes.length === field.length) return Buffer.from(bytes).toString('utf8');
  const first = field[0];
  return typeof first === 'string'
    ? first
    : Array.isArray(first)
      ? Buffer.from(first).toString('utf8')
      : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Follower {
  readonly child: ChildProcess;
  readonly output: Readable;
  /** What was read of the child and not yet given on. */
  rest: Buffer;
  /** The cursor of the last entry that was given on. */
  cursor: string | undefined;
  ended: boolean;
}

/** A journal entry may hold 768 MB by systemd's own limit; one that does not fit here is passed over. */
const longestEntryBytes = 1024 * 1024;

/**
 * systemd's journal through one `journalctl --follow`, which waits without polling and is started anew behind
 * the cursor when it ends. What it prints stays in its pipe until `read` takes it: that is the backpressure.
 */
export function createJournalLog(clock: Clock, command = 'journalctl'): LogSource {
  let follower: Follower | undefined;

  function stop(): void {
    follower?.child.kill('SIGKILL');
    follower = undefined;
  }

  async function follow(cursor: string | undefined): Promise<Follower> {
    if (follower !== undefined && !follower.ended && follower.cursor === cursor) return follower;
    stop();
    const from =
      cursor === undefined ? [`--lines=${logLimits.firstLines}`] : ['--no-tail', `--after-cursor=${cursor}`];
    const child = spawn(command, ['--follow', '--output=json', '--no-pager', '--quiet', '--all', ...from], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const started: Follower = { child, output: child.stdout, rest: Buffer.alloc(0), cursor, ended: false };
    child.once('close', () => (started.ended = true));
    child.on('error', () => (started.ended = true));
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new OpenFrameError('STORE_UNAVAILABLE', `${command} cannot be started: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return (follower = started);
  }

  return {
    name: 'journal',
    async read(cursor, signal) {
      const from = await follow(cursor);
      fill(from);
      if (from.rest.length === 0) {
        await somethingToRead(from, clock, signal);
        fill(from);
      }
      const entries = takeEntries(from);
      const last = entries.at(-1);
      if (last === undefined) return undefined;
      from.cursor = last.cursor;
      const oldestMs = cursor === undefined ? clock.nowMs() - logLimits.firstAgeMs : 0;
      const lines = entries.flatMap((entry) => entry.lines).filter((line) => line.timeMs >= oldestMs);
      return { lines, cursor: last.cursor } satisfies LogBatch;
    },
    [Symbol.asyncDispose]: () => {
      stop();
      return Promise.resolve();
    },
  };
}

/** A moment for the next chunk to arrive, so that a busy journal is read at the speed of its command. */
async function somethingToRead(from: Follower, clock: Clock, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const either = AbortSignal.any([signal, waiting.signal]);
  const readable = once(from.output, 'readable', { signal: either }).catch(() => undefined);
  await Promise.race([readable, clock.sleep(100, either)]);
  waiting.abort();
}

function fill(from: Follower): void {
  while (from.rest.length < logLimits.readBytes) {
    const chunk: unknown = from.output.read();
    if (!Buffer.isBuffer(chunk)) return;
    from.rest = Buffer.concat([from.rest, chunk]);
  }
}

function takeEntries(from: Follower): { cursor: string; lines: LogLine[] }[] {
  const split = splitLines(from.rest, 0, longestEntryBytes);
  from.rest = Buffer.from(from.rest.subarray(split.taken));
  return split.lines.flatMap((line) => parseJournalEntry(line.text) ?? []);
}

/** True where there is a journal with entries that this user may read. */
export async function journalIsReadable(command = 'journalctl'): Promise<boolean> {
  const child = spawn(command, ['--lines=1', '--output=json', '--no-pager', '--quiet'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 5_000,
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  try {
    await once(child, 'close');
  } catch {
    return false; // No such command.
  }
  return parseJournalEntry(Buffer.concat(output).toString('utf8').trim()) !== undefined;
}
