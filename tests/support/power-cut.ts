import { readFile } from 'node:fs/promises';

const pageBytes = 4096;

/** The pages of each file that were written, and whether they were synced since, as strace saw it. */
export class DirtyPages {
  /** Written and not synced. */
  readonly #dirty = new Map<string, Set<number>>();
  readonly #durable = new Map<string, Set<number>>();

  /** Reads what `strace -y -e trace=pwrite64,fsync,fdatasync,ftruncate` recorded. A failed sync loses what was written before it. */
  async add(tracePath: string): Promise<void> {
    for (const line of (await readFile(tracePath, 'utf8')).split('\n')) {
      const write = /pwrite64\(\d+<(\/[^>]+)>, .*, (\d+), (\d+)\) = \d+$/.exec(line);
      if (write !== null) this.#write(write[1] ?? '', Number(write[3]), Number(write[2]));
      const sync = /(?:fsync|fdatasync)\(\d+<(\/[^>]+)>\) = (-?\d+)/.exec(line);
      if (sync !== null) this.#sync(sync[1] ?? '', sync[2] === '0');
    }
  }

  /** What a power cut leaves of a file that holds `now`, and held `before` when the first trace began, all of it synced. */
  leaves(path: string, before: Buffer, now: Buffer): Buffer {
    const left = Buffer.alloc(now.length);
    before.copy(left);
    for (const page of this.#durable.get(path) ?? []) {
      now.copy(left, page * pageBytes, page * pageBytes, (page + 1) * pageBytes);
    }
    return left;
  }

  #write(path: string, offset: number, length: number): void {
    const dirty = pagesOf(this.#dirty, path);
    const durable = pagesOf(this.#durable, path);
    for (let page = Math.floor(offset / pageBytes); page * pageBytes < offset + length; page++) {
      dirty.add(page);
      durable.delete(page);
    }
  }

  #sync(path: string, succeeded: boolean): void {
    const dirty = pagesOf(this.#dirty, path);
    if (succeeded) for (const page of dirty) pagesOf(this.#durable, path).add(page);
    dirty.clear();
  }
}

function pagesOf(files: Map<string, Set<number>>, path: string): Set<number> {
  const pages = files.get(path) ?? new Set();
  files.set(path, pages);
  return pages;
}
