import { hash } from 'node:crypto';

import type { Clock } from '../../streams/clock.ts';
import {
  type FilePosition,
  holdsPosition,
  inodeOf,
  listLogFiles,
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
  return new FileLog(path, clock);
}

class FileLog implements LogSource {
  readonly name: string;
  readonly #path: string;
  readonly #clock: Clock;
  #current: OpenLog | undefined;
  /** The inode whose end was met after it was rotated: its writer may not have let go of it yet. */
  #drainedInode = '';

  constructor(path: string, clock: Clock) {
    this.name = `file:${path}`;
    this.#path = path;
    this.#clock = clock;
  }

  read(cursor: string | undefined): Promise<LogBatch | undefined> {
    return cursor === undefined ? this.#readFirst() : this.#readOn(parseFilePosition(cursor));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keep(undefined);
  }

  async #keep(file: OpenLog | undefined): Promise<OpenLog | undefined> {
    if (this.#current !== file) await this.#current?.[Symbol.asyncDispose]();
    this.#current = file;
    return file;
  }

  /** The open file if it still is the one of the position, otherwise the one that is, among all of the path. */
  async #locate(position: FilePosition): Promise<OpenLog | undefined> {
    if (this.#current?.inode === position.inode && (await holdsPosition(this.#current, position)))
      return this.#current;
    const active = await openLog(this.#path);
    if (active?.inode === position.inode && (await holdsPosition(active, position)))
      return this.#keep(active);
    await active?.[Symbol.asyncDispose]();
    return this.#keep(await findRotated(this.#path, position));
  }

  async #readFirst(): Promise<LogBatch> {
    const file = await this.#keep(await openLog(this.#path));
    if (file === undefined) return { lines: [], cursor: JSON.stringify(noFileYet(this.#clock.nowMs())) };
    const { sizeBytes, modifiedMs } = await file.size();
    const from = Math.max(0, sizeBytes - logLimits.firstBytes);
    const bytes = await file.read(from, logLimits.firstBytes);
    const skip = from === 0 ? 0 : bytes.indexOf(0x0a) + 1;
    const split = splitLines(bytes.subarray(skip), from + skip, logLimits.lineBytes);
    const recent = sinceMs(
      split.lines,
      this.#clock.nowMs() - logLimits.firstAgeMs,
      modifiedMs,
      this.#clock.nowMs(),
    );
    const position = await positionAt(file, 0, from + skip + split.taken);
    return { lines: toLines(this.#path, 0, recent, this.#clock.nowMs()), cursor: JSON.stringify(position) };
  }

  async #readOn(position: FilePosition): Promise<LogBatch | undefined> {
    const file = await this.#locate(position);
    if (file === undefined) return this.#startNext(position, []);
    const bytes = await file.read(position.offset, logLimits.readBytes);
    const split = splitLines(bytes, position.offset, logLimits.lineBytes);
    if (split.taken > 0) {
      this.#drainedInode = '';
      const next = await positionAt(file, position.generation, position.offset + split.taken);
      const lines = toLines(this.#path, position.generation, split.lines, this.#clock.nowMs());
      return { lines, cursor: JSON.stringify(next) };
    }
    if ((await inodeOf(this.#path)) === file.inode) return undefined;
    if (this.#drainedInode !== file.inode) {
      this.#drainedInode = file.inode;
      return undefined;
    }
    const rest = splitLines(bytes, position.offset, logLimits.lineBytes, true);
    return this.#startNext(
      position,
      toLines(this.#path, position.generation, rest.lines, this.#clock.nowMs()),
      file,
    );
  }

  /** The beginning of the file after this one: the next that was rotated away, or the active one. */
  async #startNext(
    position: FilePosition,
    lines: readonly LogLine[],
    done?: OpenLog,
  ): Promise<LogBatch | undefined> {
    const { active, rotated } = await listLogFiles(this.#path);
    const doneAt = rotated.findIndex((r) => r.inode === done?.inode);
    const later =
      doneAt >= 0 ? rotated.slice(doneAt + 1) : rotated.filter((r) => r.modifiedMs > position.modifiedMs);
    const inode = later[0]?.inode ?? active;
    if (inode === undefined) return undefined;
    await this.#keep(undefined);
    this.#drainedInode = '';
    const generation = position.generation + 1;
    const next: FilePosition = { generation, inode, offset: 0, mark: '', modifiedMs: position.modifiedMs };
    const lost =
      done === undefined && position.offset > 0 ? [gapLine(this.#path, generation, this.#clock.nowMs())] : [];
    return { lines: [...lines, ...lost], cursor: JSON.stringify(next) };
  }
}

/** The rotated file of a position, its own inode first; undefined where none of the path's files is it. */
async function findRotated(path: string, position: FilePosition): Promise<OpenLog | undefined> {
  let moved: boolean;
  do {
    moved = false;
    const { rotated } = await listLogFiles(path);
    const sameInode = rotated.filter((r) => r.inode === position.inode);
    // A copy of what was read is at least as new as the reading; an older file only looks like one.
    const copies = rotated.filter((r) => r.inode !== position.inode && r.modifiedMs >= position.modifiedMs);
    for (const candidate of [...sameInode, ...copies]) {
      const file = await openLog(candidate.path);
      if (file !== undefined && (await holdsPosition(file, position))) return file;
      // Rotated on since it was listed: it may be the one, under its next name.
      moved ||= file?.inode !== candidate.inode;
      await file?.[Symbol.asyncDispose]();
    }
  } while (moved);
  return undefined;
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
