import { createReadStream, existsSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import { attachStrace, type Tracer } from '../support/strace.ts';

const calls = 'openat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,close';

/** Records each write and sync of a process to `tracePath` until it ends. */
export function watchSyncs(pid: number, tracePath: string): Promise<Tracer> {
  return attachStrace(pid, ['-y', '-s', '0', '-e', `trace=${calls}`, '-o', tracePath]);
}

interface WrittenFile {
  sizeBytes: number;
  syncedBytes: number;
}

/** Of each file that was written while watched: how long it is, and up to where it was synced. */
export async function syncedSizes(tracePath: string): Promise<ReadonlyMap<string, WrittenFile>> {
  const files = new Map<string, WrittenFile>();
  const alwaysSynced = new Set<string>();
  const unfinished = new Map<string, string>();
  for await (const text of createInterface({ input: createReadStream(tracePath) })) {
    const line = joined(text, unfinished);
    if (line === undefined) continue;
    const opened = /openat\(.*O_(?:D?SYNC)\b.* = \d+<([^>]+)>/.exec(line);
    if (opened?.[1] !== undefined) alwaysSynced.add(opened[1]);
    const renamed =
      /rename(?:at2?)?\((?:AT_FDCWD[^,]*, )?"([^"]+)", (?:AT_FDCWD[^,]*, )?"([^"]+)".* = 0/.exec(line);
    const moved = files.get(renamed?.[1] ?? '');
    if (moved !== undefined) files.set(renamed?.[2] ?? '', moved);
    const call =
      /(write|pwrite64|fsync|fdatasync)\(\d+<(\/[^>]+)>(?:, .*, (\d+)(?:, (\d+))?)?\) = (\d+)/.exec(line);
    if (call === null) continue;
    const [, name, path = '', , offset = '', result = ''] = call;
    const file = files.get(path) ?? { sizeBytes: 0, syncedBytes: 0 };
    files.set(path, file);
    if (name === 'write') file.sizeBytes += Number(result);
    else if (name === 'pwrite64') file.sizeBytes = Math.max(file.sizeBytes, Number(offset) + Number(result));
    else file.syncedBytes = file.sizeBytes;
    if (alwaysSynced.has(path)) file.syncedBytes = file.sizeBytes;
  }
  return files;
}

/** Calls of several threads are told in halves. */
function joined(line: string, unfinished: Map<string, string>): string | undefined {
  const thread = /^\d+/.exec(line)?.[0] ?? '';
  if (line.endsWith('<unfinished ...>')) {
    unfinished.set(thread, line.slice(0, -'<unfinished ...>'.length));
    return undefined;
  }
  const resumed = /<\.\.\. \w+ resumed>(.*)$/.exec(line);
  return resumed === null ? line : `${unfinished.get(thread) ?? ''}${resumed[1] ?? ''}`;
}

/** Cuts the message blocks of a stream to what was synced: what a power cut may leave. Returns the bytes that went. */
export async function cutToSynced(files: ReadonlyMap<string, WrittenFile>): Promise<number> {
  let cutBytes = 0;
  for (const [path, { sizeBytes, syncedBytes }] of files) {
    if (!path.endsWith('.blk') || syncedBytes >= sizeBytes || !existsSync(path)) continue;
    await truncate(path, syncedBytes);
    cutBytes += sizeBytes - syncedBytes;
  }
  return cutBytes;
}
