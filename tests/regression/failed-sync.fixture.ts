import { createInterface } from 'node:readline';
import { join } from 'node:path';

import { sealed } from '../../conformance/batches.ts';
import { createEmbeddedMessaging } from '../../brokers/embedded/messaging.ts';
import { messageOf } from '../../contracts/errors.ts';
import { headers } from '../../contracts/topics.ts';
import { createSystemClock } from '../../streams/clock.ts';

/** Publishes and acks as it is told on standard input, a line for each, and answers each with a line. */
const path = join(process.argv[2] ?? '', 'messaging.db');
const options = { duplicateWindowMs: 3_600_000, retentionMs: 2 ** 40, retentionBytes: 2 ** 40 };
await using messaging = await createEmbeddedMessaging({ path, clock: createSystemClock(), options });
const source = await messaging.consume('reader');
const reading = { maxRecords: 1, maxWaitMs: 60_000, signal: new AbortController().signal };

async function ack(): Promise<void> {
  for await (const batch of source.read(reading)) {
    await batch?.ack();
    return;
  }
}

process.stdout.write('open\n');
for await (const value of createInterface({ input: process.stdin })) {
  try {
    if (value === 'ack') await ack();
    else await messaging.publish(sealed({ value, headers: { [headers.eventId]: value } }));
    process.stdout.write('done\n');
  } catch (error) {
    process.stdout.write(`refused: ${messageOf(error)}\n`);
  }
}
