import { execFile } from 'node:child_process';

import { z } from 'zod';

import type { Clock } from '../../streams/clock.ts';
import { type LogBatch, type LogLine, logLimits, type LogSource } from './log-source.ts';

/** A log that a command prints from a cursor on, as macOS and Windows have it. */
interface CommandLog {
  readonly name: string;
  readonly command: string;
  args(cursor: string | undefined): readonly string[];
  parse(output: string, cursor: string | undefined): LogBatch | undefined;
}

/** How long the last read stands: each read is a child process. */
const pauseMs = 10_000;

function createCommandLog(log: CommandLog, clock: Clock): LogSource {
  let readAtMs = -Infinity;
  return {
    name: log.name,
    async read(cursor, signal) {
      if (Math.abs(clock.nowMs() - readAtMs) < pauseMs) return undefined;
      readAtMs = clock.nowMs();
      const output = await new Promise<string>((resolve, reject) => {
        execFile(
          log.command,
          [...log.args(cursor)],
          { signal, timeout: 30_000, maxBuffer: 16 * 1024 * 1024, windowsHide: true },
          (error, stdout) => (error instanceof Error ? reject(error) : resolve(stdout)),
        );
      });
      return log.parse(output, cursor);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A channel of the Windows event log through `wevtutil`; the cursor is the last EventRecordID. */
export function createWindowsEventLog(channel: string, clock: Clock): LogSource {
  const log: CommandLog = {
    name: `windows:${channel}`,
    command: 'wevtutil.exe',
    args: (cursor) => [
      'query-events',
      channel,
      '/format:RenderedXml',
      `/count:${logLimits.firstLines}`,
      ...(cursor === undefined
        ? ['/rd:true']
        : ['/rd:false', `/query:*[System[EventRecordID > ${Number(cursor)}]]`]),
    ],
    parse: (output) => parseWindowsEvents(output, channel),
  };
  return createCommandLog(log, clock);
}

/** Level of a Windows event (winmeta.xml) in OpenTelemetry's words. */
const windowsLevels: Readonly<Record<string, string>> = {
  1: 'FATAL',
  2: 'ERROR',
  3: 'WARN',
  4: 'INFO',
  5: 'DEBUG',
};

/** The `<Event>` elements of `wevtutil /format:RenderedXml`, oldest first. */
export function parseWindowsEvents(output: string, channel: string): LogBatch | undefined {
  const lines = new Map<number, LogLine>();
  for (const [, xml = ''] of output.matchAll(/<Event[ >]([\s\S]*?)<\/Event>/g)) {
    const inner = (tag: string): string | undefined =>
      new RegExp(`<${tag}(?: [^>]*)?>([\\s\\S]*?)</${tag}>`).exec(xml)?.[1];
    const record = Number(inner('EventRecordID'));
    const timeMs = Date.parse(/SystemTime=['"]([^'"]+)['"]/.exec(xml)?.[1] ?? '');
    if (!Number.isInteger(record) || Number.isNaN(timeMs)) continue;
    const provider = /<Provider Name=['"]([^'"]+)['"]/.exec(xml)?.[1] ?? channel;
    const message =
      inner('Message') ??
      inner('EventData')
        ?.replace(/<[^>]*>/g, ' ')
        .trim() ??
      '';
    const severityText = windowsLevels[inner('Level') ?? ''] ?? 'INFO';
    lines.set(record, {
      id: `windows-${channel}-${record}-${timeMs}`,
      timeMs,
      message: unescapeXml(message === '' ? `Event ${inner('EventID') ?? ''}` : message).slice(
        0,
        logLimits.lineBytes,
      ),
      severityText,
      logger: unescapeXml(provider),
    });
  }
  const records = [...lines.keys()].sort((a, b) => a - b);
  const last = records.at(-1);
  if (last === undefined) return undefined;
  return { lines: records.flatMap((record) => lines.get(record) ?? []), cursor: String(last) };
}

function unescapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|lt|gt|quot|apos|amp);/g, (all, name: string) => {
    if (!name.startsWith('#')) return names[name] ?? all;
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

const macEntrySchema = z.object({
  timestamp: z.string(),
  eventMessage: z.string(),
  messageType: z.string().optional(),
  processImagePath: z.string().optional(),
  traceID: z.union([z.number(), z.string()]).optional(),
  machTimestamp: z.union([z.number(), z.string()]).optional(),
});

/**
 * Errors and faults of macOS's unified log through `log show`; all of it would be thousands of lines a second.
 * The cursor is the newest second that was read, which is read again: its lines keep their ids.
 */
export function createMacLog(clock: Clock): LogSource {
  const log: CommandLog = {
    name: 'macos:log',
    command: 'log',
    args: (cursor) => [
      'show',
      '--style=ndjson',
      '--predicate',
      'messageType == error OR messageType == fault',
      ...(cursor === undefined ? ['--last', '5m'] : ['--start', `@${Number(cursor)}`]),
    ],
    parse: parseMacLog,
  };
  return createCommandLog(log, clock);
}

export function parseMacLog(output: string): LogBatch | undefined {
  const lines: LogLine[] = [];
  for (const text of output.split('\n')) {
    const entry = macEntrySchema.safeParse(parseJson(text)).data;
    const timeMs = Date.parse(entry?.timestamp.replace(' ', 'T') ?? '');
    if (entry === undefined || Number.isNaN(timeMs)) continue;
    lines.push({
      id: `macos-${timeMs}-${entry.machTimestamp ?? ''}-${entry.traceID ?? ''}`,
      timeMs,
      message: entry.eventMessage.slice(0, logLimits.lineBytes),
      severityText: entry.messageType === 'Fault' ? 'FATAL' : 'ERROR',
      logger: entry.processImagePath ?? 'macos',
    });
  }
  const newestMs = Math.max(...lines.map((line) => line.timeMs));
  return lines.length === 0 ? undefined : { lines, cursor: String(Math.floor(newestMs / 1000)) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
