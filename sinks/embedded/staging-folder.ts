import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ByteWriter } from '../../streams/byte-writer.ts';

const pieceBytes = 512 * 1024;
const newline = 0x0a;
const space = 0x20;

/** Writes lines to one file, a piece at a time. A line is JSON: line ends within it are white space. */
export interface LineWriter {
  /** Bytes so far. */
  readonly sizeBytes: number;
  /** Appends `prefix` and `bytes[start, end)` as one line; true when `flush` is due. */
  line(bytes: Buffer, start: number, end: number, prefix?: string): boolean;
  flush(): Promise<void>;
}

/** A folder beside the database for the files that it reads records from. Emptied at the start and the end. */
export interface StagingFolder extends AsyncDisposable {
  /** Writes a file by `fill`, has it read by `use`, and removes it. */
  withFile<T>(fill: (lines: LineWriter) => Promise<void>, use: (path: string) => Promise<T>): Promise<T>;
}

export async function createStagingFolder(path: string): Promise<StagingFolder> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  const buffer = new ByteWriter(pieceBytes * 2);
  let files = 0;
  return {
    async withFile(fill, use) {
      const filePath = join(path, `${++files}.ndjson`);
      try {
        const file = await open(filePath, 'w');
        try {
          const lines = createLineWriter(buffer, async (piece) => void (await file.writeFile(piece)));
          await fill(lines);
          await lines.flush();
        } finally {
          await file.close();
        }
        return await use(filePath);
      } finally {
        await rm(filePath, { force: true });
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}

function createLineWriter(buffer: ByteWriter, write: (piece: Buffer) => Promise<void>): LineWriter {
  let flushedBytes = 0;
  let searched: Buffer | undefined;
  let lineEndAt = -1;
  buffer.length = 0;
  /** Where the next line end at or behind `start` stands. One search serves all records before it. */
  const nextLineEnd = (bytes: Buffer, start: number): number => {
    if (bytes !== searched || lineEndAt < start) {
      searched = bytes;
      const found = bytes.indexOf(newline, start);
      lineEndAt = found < 0 ? bytes.length : found;
    }
    return lineEndAt;
  };
  return {
    get sizeBytes() {
      return flushedBytes + buffer.length;
    },
    line(bytes, start, end, prefix = '') {
      buffer.latin1(prefix);
      let from = start;
      for (let at = nextLineEnd(bytes, from); at < end; at = nextLineEnd(bytes, from)) {
        buffer.range(bytes, from, at);
        buffer.byte(space);
        from = at + 1;
      }
      buffer.range(bytes, from, end);
      buffer.byte(newline);
      return buffer.length >= pieceBytes;
    },
    async flush() {
      await write(buffer.written());
      flushedBytes += buffer.length;
      buffer.length = 0;
    },
  };
}
