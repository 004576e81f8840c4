import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describeMessaging } from '../../conformance/messaging.ts';
import { duplicateWindowMs, retentionBytes, retentionMs } from '../../conformance/messaging-laws/subject.ts';
import { createManualClock } from '../../streams/clock.ts';
import { createEmbeddedMessaging } from './messaging.ts';

describeMessaging('SQLite', {
  create: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openframe-messaging-'));
    const path = join(folder, 'messaging.db');
    const clock = createManualClock(1_700_000_000_000);
    const options = { duplicateWindowMs, retentionBytes, retentionMs };
    const subject = new AsyncDisposableStack();
    subject.defer(() => rmSync(folder, { recursive: true }));
    let writer: DatabaseSync | undefined;
    const open = () =>
      createEmbeddedMessaging({ path, clock, options, busyTimeoutMs: 1, maxInFlightRecords: 3 });
    return {
      open: async () => subject.use(await open()),
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
