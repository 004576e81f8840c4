import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { uptime } from 'node:os';

import type { Clock } from '../../streams/clock.ts';
import { type LogBatch, type LogLine, logLimits, type LogSource } from './log-source.ts';

/** syslog's severities (RFC 5424 section 6.2.1) in OpenTelemetry's words. */
export const severityTexts = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG'] as const;

export interface KernelRecord {
  readonly severityText: (typeof severityTexts)[number];
  readonly sequence: number;
  /** Microseconds since boot. */
  readonly micros: number;
  readonly message: string;
}

/** `<priority>,<sequence>,<microseconds>,<flags>;<text>` and lines of properties (Documentation/ABI/testing/dev-kmsg). */
export function parseKernelRecord(text: string): KernelRecord | undefined {
  const match = /^(\d+),(\d+),(\d+),[^;]*;([^\n]*)/.exec(text);
  if (match === null) return undefined;
  const [, priority, sequence, micros, message = ''] = match;
  return {
    severityText: severityTexts[Number(priority) % 8] ?? 'INFO',
    sequence: Number(sequence),
    micros: Number(micros),
    message: unescapeBytes(message),
  };
}

/** Bytes that do not print stand as `\xNN`. */
function unescapeBytes(message: string): string {
  if (!message.includes('\\x')) return message;
  const latin = Buffer.from(message).toString('latin1');
  const bytes = latin.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The kernel's ring buffer, for machines without a journal or a file that holds its lines. The cursor is `<boot id> <sequence>`. */
export function createKernelLog(clock: Clock, device = '/dev/kmsg'): LogSource {
  const buffer = Buffer.alloc(8192);
  let handle: FileHandle | undefined;
  let bootId = '';
  let bootedAtMs = 0;
  let highest = -1;

  async function start(): Promise<FileHandle> {
    bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    bootedAtMs = clock.nowMs() - uptime() * 1000;
    return open(device, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** One read gives one record; EAGAIN is the end, EPIPE says that records were overwritten before they were read. */
  async function next(file: FileHandle): Promise<KernelRecord | 'end' | undefined> {
    try {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      return bytesRead === 0 ? 'end' : parseKernelRecord(buffer.toString('utf8', 0, bytesRead));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === 'EAGAIN') return 'end';
      if (code === 'EPIPE') return undefined;
      throw error;
    }
  }

  async function read(cursor: string | undefined): Promise<LogBatch | undefined> {
    if (handle === undefined) handle = await start();
    const [cursorBoot, cursorSequence] = cursor?.split(' ') ?? [];
    const after = cursorBoot === bootId ? Number(cursorSequence) : -1;
    if (highest > after) {
      await handle.close();
      handle = await start();
    }
    const records: KernelRecord[] = [];
    const most = cursor === undefined ? Infinity : logLimits.firstLines;
    for (let record = await next(handle); record !== 'end'; record = await next(handle)) {
      if (record === undefined || record.sequence <= after) continue;
      records.push(record);
      if (records.length >= most) break;
    }
    const last = records.at(-1);
    if (last === undefined) return undefined;
    highest = last.sequence;
    const lines = records.slice(-logLimits.firstLines).map(toLine);
    const oldestMs = cursor === undefined ? clock.nowMs() - logLimits.firstAgeMs : 0;
    return { lines: lines.filter((line) => line.timeMs >= oldestMs), cursor: `${bootId} ${last.sequence}` };
  }

  const toLine = (record: KernelRecord): LogLine => ({
    id: `kmsg-${bootId}-${record.sequence}`,
    timeMs: Math.round(bootedAtMs + record.micros / 1000),
    message: record.message,
    severityText: record.severityText,
    logger: 'kernel',
  });

  return { name: 'kernel', read, [Symbol.asyncDispose]: async () => void (await handle?.close()) };
}
