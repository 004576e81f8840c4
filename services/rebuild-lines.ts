import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

import { type ErrorCode, messageOf, OpenFrameError } from '../contracts/errors.ts';
import type { RebuildOptions, RebuildProgress, RebuildReport } from '../pipelines/rebuild.ts';

/** One line of a rebuild's answer: progress now and then, at last the report or what it failed by. */
type RebuildLine =
  | { readonly progress: RebuildProgress }
  | { readonly report: RebuildReport }
  | { readonly fault: { readonly code: ErrorCode; readonly message: string } };

const progressEveryMs = 500;

/** Runs a rebuild and tells of it line by line: it may take long, and whoever asked wants to see it move. */
export async function* rebuildLines(
  rebuild: (onProgress: NonNullable<RebuildOptions['onProgress']>) => Promise<RebuildReport>,
): AsyncGenerator<string> {
  let progress: RebuildProgress | undefined;
  const ended = rebuild((now) => (progress = now)).then(
    (report): RebuildLine => ({ report }),
    (error: unknown): RebuildLine => {
      const code = error instanceof OpenFrameError ? error.code : 'INTERNAL';
      return { fault: { code, message: messageOf(error) } };
    },
  );
  for (;;) {
    const line = await Promise.race([ended, pause(progressEveryMs, null)]);
    if (line !== null) {
      yield textOf(line);
      return;
    }
    if (progress !== undefined) yield textOf({ progress });
  }
}

/** Reads what `rebuildLines` wrote. Throws what the rebuild failed by. */
export async function readRebuildLines(
  body: Readable,
  onProgress: RebuildOptions['onProgress'],
): Promise<RebuildReport> {
  for await (const text of createInterface({ input: body })) {
    const line = JSON.parse(text) as RebuildLine;
    if ('progress' in line) onProgress?.(line.progress);
    else if ('report' in line) return line.report;
    else throw new OpenFrameError(line.fault.code, line.fault.message);
  }
  throw new OpenFrameError(
    'INTERNAL',
    'The server ended before the rebuild did: start it again, it is idempotent.',
  );
}

function textOf(line: RebuildLine): string {
  return `${JSON.stringify(line)}\n`;
}
