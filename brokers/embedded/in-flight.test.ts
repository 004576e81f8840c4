import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { readerOf, sealed } from '../../conformance/batches.ts';
import { createManualClock } from '../../streams/clock.ts';
import { createEmbeddedMessaging } from './messaging.ts';

it('hands out no more than may be in flight, and more with each ack', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'openframe-in-flight-'));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true }));
  const clock = createManualClock();
  const options = { duplicateWindowMs: 1000, retentionMs: 2 ** 40, retentionBytes: 2 ** 40 };
  const path = join(folder, 'messaging.db');
  const messaging = opened.use(
    await createEmbeddedMessaging({ path, clock, options, maxInFlightRecords: 4 }),
  );
  for (let i = 0; i < 5; i++) await messaging.publish(sealed(`${i}a`, `${i}b`));
  const reader = readerOf(await messaging.consume('relay'), clock.advance, 100);
  const first = await reader.next();
  expect(first.count).toBe(4);
  await reader.expectNothing();
  const waiting = reader.next();
  await first.ack();
  expect((await waiting).count).toBe(4);
  await reader.expectNothing();
});
