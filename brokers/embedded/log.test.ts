import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describeLog } from '../../conformance/log.ts';
import { createManualClock } from '../../streams/clock.ts';
import { createEmbeddedLog } from './log.ts';

/** As the profile has it: readers get what was written here, or read by another, without reading the file. */
const sharedBytes = 64 * 1024;

describeLog('SQLite', {
  create: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openframe-log-'));
    const path = join(folder, 'log.db');
    const clock = createManualClock(1_700_000_000_000);
    const subject = new AsyncDisposableStack();
    subject.defer(() => rmSync(folder, { recursive: true }));
    let writer: DatabaseSync | undefined;
    return {
      open: async () => subject.use(await createEmbeddedLog({ path, clock, busyTimeoutMs: 1, sharedBytes })),
      advance: clock.advance,
      failWrites: () => {
        writer = new DatabaseSync(path);
        writer.exec('BEGIN IMMEDIATE');
      },
      mendWrites: () => writer?.close(),
      [Symbol.asyncDispose]: () => subject.disposeAsync(),
    };
  },
});
