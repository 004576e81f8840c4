import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

import { topics } from '../../../contracts/topics.ts';
import { Deployment } from '../deployment.ts';
import { emptyPartition } from '../empty-topic.ts';
import { enrichedOrder } from '../enriched-order.ts';
import { Fleet } from '../fleet.ts';
import { Ledger } from '../ledger.ts';
import { untilRead } from '../metrics.ts';
import { startOwnEngines } from '../own-engines.ts';
import { recordsOf, sendRaw } from '../raw-load.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 4_000, ratePerSecond: 2_000 },
  full: { events: 100_000, ratePerSecond: 4_000 },
} as const;
const [devices, tenants, partitions] = [60, 3, 1];

/** A bit of the marks of dedupe flips on Kafka's disk; the operator empties their topic, and writes them anew. */
export const flippedBit: Scenario = {
  name: 'flipped-bit',
  law: 'refuses state with a flipped bit before it writes anything, and knows every event again once it is rebuilt from the log',
  timeoutMs: { short: 4 * minuteMs, full: 10 * minuteMs },
  async run(context) {
    const { clock, size, seed } = context;
    const load = sizes[size];
    const own = await startOwnEngines(context, ['kafka']);
    const deployment = new Deployment(context, {
      engines: own.engines.addresses,
      ...{ devices, tenants, partitions },
      env: { OPENFRAME_DEDUPE_WINDOW_SECONDS: '3600' },
    });
    const { engines, prefix, ledger } = deployment;
    const before = await deployment.start('telemetry', { instance: 'telemetry-a' });
    await sendRaw(context, deployment, load);
    await untilRead(await before.listening, recordsOf(load.events));
    await before.stop();
    const marks = `${prefix}${topics.marks}`;
    await flipBit(join(own.dataDir, 'kafka', 'data', `${marks}-0`, `${'0'.repeat(20)}.log`));

    // Every event comes once more: it is held against the state.
    const again = { fleet: new Fleet({ seed, tenants, devices }), ledger: new Ledger() };
    await sendRaw(context, { engines, prefix, partitions, ...again }, load);
    const refused = await deployment.run(['service', 'telemetry', '--port', '0']);
    expect(refused.stderr).toMatch(/STATE_CORRUPT.*'dedupe'.*partition 0.*telemetry\.marks\.v1.*checksum/s);
    expect(refused.code).toBe(1);
    await using log = await deployment.openLog();
    expect(await enrichedOrder(log, partitions), 'nothing was written').toMatchObject({
      records: load.events,
    });

    const startedMs = clock.nowMs();
    await emptyPartition(engines.OPENFRAME_KAFKA_BROKERS, marks, 0);
    const rebuilt = await deployment.run(['rebuild', 'marks', '--json']);
    expect(rebuilt.code, rebuilt.stderr).toBe(0);
    expect(JSON.parse(rebuilt.stdout)).toMatchObject({ target: 'marks', records: load.events });
    const after = await deployment.start('telemetry', { instance: 'telemetry-a' });
    await sendRaw(context, deployment, { events: devices, ratePerSecond: 1_000 });
    await untilRead(await after.listening, recordsOf(load.events) + recordsOf(devices));
    const { records, repeated, reordered } = await enrichedOrder(log, partitions);
    return {
      events: ledger.acceptedCount,
      faults: 1,
      lost: ledger.acceptedCount - (records - repeated),
      duplicated: repeated,
      altered: 0,
      reordered,
      catchUpMs: clock.nowMs() - startedMs,
      seen: {},
    };
  },
};

/** One bit in the middle of a batch in the middle of a segment. */
async function flipBit(segment: string): Promise<void> {
  await using file = await open(segment, 'r+');
  const { buffer, bytesRead } = await file.read(Buffer.alloc((await file.stat()).size));
  const starts: number[] = [];
  for (let at = 0; at + 12 <= bytesRead; at += 12 + buffer.readInt32BE(at + 8)) starts.push(at);
  // Control batches of transactions stand between those of records, and are much smaller.
  const large = starts.filter((at) => buffer.readInt32BE(at + 8) > 200);
  const at = large[large.length >> 1] ?? 0;
  const middle = at + 12 + (buffer.readInt32BE(at + 8) >> 1);
  await file.write(Buffer.of((buffer[middle] ?? 0) ^ 1), 0, 1, middle);
}
