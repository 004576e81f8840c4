import { hash } from 'node:crypto';

import type { Clock } from '../../streams/clock.ts';
import {
  type FilePosition,
  holdsPosition,
  inodeOf,
  listRotated,
  noFileYet,
  type OpenLog,
  openLog,
  parseFilePosition,
} from './file-position.ts';
import { lineTimeMs, statedTimeMs } from './line-time.ts';
import { type LogBatch, type LogLine, logLimits, type LogSource } from './log-source.ts';
import { type FileLine, splitLines } from './split-lines.ts';

/**
 * A log file and what it is rotated to. Rotation by renaming and by copying, truncation, an inode that is
 * given away again, and several rotations while nobody read are followed as long as the files are there and
 * not compressed; what is gone is told in a line of its own.
 */
export function createFileLog(path: string, clock: Clock): LogSource {
  let current: OpenLog | undefined;
  /** The inode whose end was met after it was rotated: its writer may not have let go of it yet. */
  let drainedInode = '';

  async function keep(file: OpenLog | undefined): Promise<OpenLog | undefined> {
    if (current !== file) await current?.[Symbol.asyncDispose]();
    current = file;
    return file;
  }

  /** The open file if it still is the one of the position, otherwise the one that is, among all of the path. */
  async function locate(position: FilePosition): Promise<OpenLog | undefined> {
    if (current?.inode === position.inode && (await holdsPosition(current, position))) return current;
    const active = await openLog(path);
    if (active?.inode === position.inode && (await holdsPosition(active, position))) return keep(active);
    await active?.[Symbol.asyncDispose]();
    // A copy of what was read is at least as new as the reading; an older file only looks like one.
    const candidates = (await listRotated(path)).filter(
      (r) => r.inode === position.inode || r.modifiedMs >= position.modifiedMs,
    );
    const sameInodeFirst = candidates.toSorted(
      (a, b) => Number(b.inode === position.inode) - Number(a.inode === position.inode),
    );
    for (const candidate of sameInodeFirst) {
      const file = await openLog(candidate.path);
      if (file !== undefined && (await holdsPosition(file, position))) return keep(file);
      await file?.[Symbol.asyncDispose]();
    }
    return keep(undefined);
  }

  async function readFirst(): Promise<LogBatch> {
    const file = await keep(await openLog(path));
    if (file === undefined) return { lines: [], cursor: JSON.stringify(noFileYet(clock.nowMs())) };
    const { sizeBytes, modifiedMs } = await file.size();
    const from = Math.max(0, sizeBytes - logLimits.firstBytes);
    const bytes = await file.read(from, logLimits.firstBytes);
    const skip = from === 0 ? 0 : bytes.indexOf(0x0a) + 1;
    const split = splitLines(bytes.subarray(skip), from + skip, logLimits.lineBytes);
    const recent = sinceMs(split.lines, clock.nowMs() - logLimits.firstAgeMs, modifiedMs, clock.nowMs());
    const position = await positionAt(file, 0, from + skip + split.taken);
    return { lines: toLines(path, 0, recent, clock.nowMs()), cursor: JSON.stringify(position) };
  }

  async function readOn(position: FilePosition): Promise<LogBatch | undefined> {
    const file = await locate(position);
    if (file === undefined) return startNext(position, []);
    const bytes = await file.read(position.offset, logLimits.readBytes);
    const split = splitLines(bytes, position.offset, logLimits.lineBytes);
    if (split.taken > 0) {
      drainedInode = '';
      const next = await positionAt(file, position.generation, position.offset + split.taken);
      const lines = toLines(path, position.generation, split.lines, clock.nowMs());
      return { lines, cursor: JSON.stringify(next) };
    }
    const activeInode = await inodeOf(path);
    if (activeInode === undefined || activeInode === file.inode) return undefined;
    if (drainedInode !== file.inode) {
      drainedInode = file.inode;
      return undefined;
    }
    const rest = splitLines(bytes, position.offset, logLimits.lineBytes, true);
    return startNext(position, toLines(path, position.generation, rest.lines, clock.nowMs()), file);
  }

  /** The beginning of the file after this one: the next that was rotated away, or the active one. */
  async function startNext(
    position: FilePosition,
    lines: readonly LogLine[],
    done?: OpenLog,
  ): Promise<LogBatch | undefined> {
    const rotated = await listRotated(path);
    const doneAt = rotated.findIndex((r) => r.inode === done?.inode);
    const later =
      doneAt >= 0 ? rotated.slice(doneAt + 1) : rotated.filter((r) => r.modifiedMs > position.modifiedMs);
    const inode = later[0]?.inode ?? (await inodeOf(path));
    if (inode === undefined) return undefined;
    await keep(undefined);
    drainedInode = '';
    const generation = position.generation + 1;
    const next: FilePosition = { generation, inode, offset: 0, mark: '', modifiedMs: position.modifiedMs };
    const lost = done === undefined && position.offset > 0 ? [gapLine(path, generation, clock.nowMs())] : [];
    return { lines: [...lines, ...lost], cursor: JSON.stringify(next) };
  }

  return {
    name: `file:${path}`,
    read: (cursor) => (cursor === undefined ? readFirst() : readOn(parseFilePosition(cursor))),
    [Symbol.asyncDispose]: async () => void (await keep(undefined)),
  };
}

async function positionAt(file: OpenLog, generation: number, offset: number): Promise<FilePosition> {
  const { modifiedMs } = await file.size();
  return { generation, inode: file.inode, offset, mark: await file.mark(offset), modifiedMs };
}

/** Lines from this time on; one that says no time is as old as the one before, or as the file. */
function sinceMs(
  lines: readonly FileLine[],
  oldestMs: number,
  modifiedMs: number,
  nowMs: number,
): FileLine[] {
  let timeMs = modifiedMs;
  return lines.filter((line) => {
    timeMs = statedTimeMs(line.text, nowMs) ?? timeMs;
    return timeMs >= oldestMs && modifiedMs >= oldestMs;
  });
}

function toLines(path: string, generation: number, lines: readonly FileLine[], nowMs: number): LogLine[] {
  return lines.map(({ offset, text }) => ({
    id: lineId(path, generation, offset, text),
    timeMs: lineTimeMs(text, nowMs),
    message: text,
    logger: path,
  }));
}

/** Where a line stands and what it says: stable when it is read again, and no other line's. */
function lineId(...parts: readonly (string | number)[]): string {
  return `log-${hash('sha256', parts.join('\0'), 'base64url').slice(0, 22)}`;
}

function gapLine(path: string, generation: number, nowMs: number): LogLine {
  return {
    id: lineId(path, generation, 'gap'),
    timeMs: nowMs,
    message: `${path} was truncated, replaced or rotated away; lines that were not read before are lost.`,
    severityText: 'WARN',
    logger: 'openframe-agent',
  };
}
