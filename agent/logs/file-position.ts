import { hash } from 'node:crypto';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { z } from 'zod';

/**
 * Where reading of a log stands: in which file, how far, and the bytes just before, by which the file is known
 * again under another name or when its inode was given to another one.
 */
const filePositionSchema = z.object({
  /** Counts the files that this path has stood for, so that equal offsets of two of them differ. */
  generation: z.number().int(),
  /** As text, since it may not fit a number; empty while there is no file. */
  inode: z.string(),
  offset: z.number().int(),
  /** Hash of up to `markBytes` before the offset. */
  mark: z.string(),
  /** When the file was last written, as far as it was read: what rotated away later is newer. */
  modifiedMs: z.number(),
});
export type FilePosition = z.infer<typeof filePositionSchema>;

const markBytes = 256;

/** Before there is a file: what was rotated away until now is not read, what comes is, from its start. */
export function noFileYet(nowMs: number): FilePosition {
  return { generation: 0, inode: '', offset: 0, mark: '', modifiedMs: nowMs };
}

export function parseFilePosition(cursor: string): FilePosition {
  return filePositionSchema.parse(JSON.parse(cursor));
}

/** A file that is open for reading, and what it was when it was last looked at. */
export interface OpenLog extends AsyncDisposable {
  readonly path: string;
  readonly inode: string;
  size(): Promise<{ readonly sizeBytes: number; readonly modifiedMs: number }>;
  read(offset: number, maxBytes: number): Promise<Buffer>;
  /** The mark of this offset. */
  mark(offset: number): Promise<string>;
}

/** Opens a regular file; undefined where there is none of that name. */
export async function openLog(path: string): Promise<OpenLog | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  const { ino } = await handle.stat({ bigint: true });
  const read = async (offset: number, maxBytes: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(maxBytes);
    const { bytesRead } = await handle.read(buffer, 0, maxBytes, offset);
    return buffer.subarray(0, bytesRead);
  };
  return {
    path,
    inode: String(ino),
    read,
    async size() {
      const { size, mtimeNs } = await handle.stat({ bigint: true });
      return { sizeBytes: Number(size), modifiedMs: toMs(mtimeNs) };
    },
    async mark(offset) {
      const length = Math.min(offset, markBytes);
      return length === 0
        ? ''
        : hash('sha256', await read(offset - length, length), 'base64url').slice(0, 22);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** True when this file, up to the position, is the one that was read. */
export async function holdsPosition(file: OpenLog, position: FilePosition): Promise<boolean> {
  if (position.offset === 0) return file.inode === position.inode;
  const { sizeBytes } = await file.size();
  return sizeBytes >= position.offset && (await file.mark(position.offset)) === position.mark;
}

/** The inode that a path stands for now; undefined where there is none. */
export async function inodeOf(path: string): Promise<string | undefined> {
  try {
    return String((await stat(path, { bigint: true })).ino);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

export interface RotatedLog {
  readonly path: string;
  readonly inode: string;
  readonly modifiedMs: number;
}

/** The files that a path stands for and stood for, all as they were at one moment. */
export interface LogFiles {
  /** Inode of the file that is written now; undefined where there is none. */
  readonly active: string | undefined;
  /** What was rotated away, oldest first. */
  readonly rotated: readonly RotatedLog[];
}

/** Looks at most, before a path that is never at rest is taken as it was last seen. */
const mostLooks = 20;

/**
 * The files of a path. Names are looked at one by one, and a rotation in between would hide a file that has
 * just got another name: so they are looked at until two looks in a row found the same.
 */
export async function listLogFiles(path: string): Promise<LogFiles> {
  let files = await lookAtFiles(path);
  for (let looks = 1; looks < mostLooks; looks++) {
    const again = await lookAtFiles(path);
    if (namesOf(again) === namesOf(files)) return again;
    files = again;
  }
  return files;
}

async function lookAtFiles(path: string): Promise<LogFiles> {
  return { active: await inodeOf(path), rotated: await listRotated(path) };
}

const namesOf = ({ active, rotated }: LogFiles): string =>
  JSON.stringify([active, rotated.map((file) => [file.path, file.inode]).toSorted()]);

/**
 * What was rotated away from this path and is not compressed: `name.1`, `name.0`, `name.old`, and the dated
 * names of logrotate, `name-20261122` and `name-20261122-1795386550`.
 */
async function listRotated(path: string): Promise<readonly RotatedLog[]> {
  const base = basename(path);
  const suffix = /^([.]\d{1,4}|[.]old|[.-]\d{8}(-\d+)?)$/;
  const names = (await readdir(dirname(path))).filter(
    (n) => n.startsWith(base) && suffix.test(n.slice(base.length)),
  );
  const found: RotatedLog[] = [];
  for (const name of names) {
    const candidate = join(dirname(path), name);
    try {
      const stats = await stat(candidate, { bigint: true });
      if (stats.isFile())
        found.push({ path: candidate, inode: String(stats.ino), modifiedMs: toMs(stats.mtimeNs) });
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return found.sort(
    (a, b) => a.modifiedMs - b.modifiedMs || b.path.localeCompare(a.path, 'en', { numeric: true }),
  );
}

/** One way to round: times of two files are compared. */
function toMs(ns: bigint): number {
  return Number(ns) / 1e6;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
