import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

import { Deployment } from '../deployment.ts';
import { enrichedOrder } from '../enriched-order.ts';
import { Fleet } from '../fleet.ts';
import { Ledger } from '../ledger.ts';
import { metricOf, untilRead } from '../metrics.ts';
import { recordsOf, sendRaw } from '../raw-load.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 20_000, ratePerSecond: 4_000 },
  full: { events: 1_000_000, ratePerSecond: 6_000 },
} as const;
const devices = 60;
const tenants = 3;
const ofTelemetry = '{pipeline="telemetry"}';

/** Telemetry starts again on a machine whose disk is empty, and every event it has seen comes once more. */
export const emptyDisk: Scenario = {
  name: 'empty-disk',
  law: 'knows what it has seen where telemetry starts on an empty disk, from Kafka alone, and says how long that took',
  timeoutMs: { short: 4 * minuteMs, full: 20 * minuteMs },
  async run(context) {
    const { clock, size, stack, seed } = context;
    const load = sizes[size];
    const deployment = new Deployment(context, {
      devices,
      tenants,
      env: { OPENFRAME_DEDUPE_WINDOW_SECONDS: '3600' },
    });
    const { ledger } = deployment;
    const before = await deployment.start('telemetry', { instance: 'telemetry-a' });
    await sendRaw(context, deployment, load);
    await untilRead(await before.listening, recordsOf(load.events));
    const seenBefore = ledger.acceptedCount;
    await before.stop();

    const disk = await mkdtemp(join(tmpdir(), 'openframe-empty-'));
    stack.defer(() => rm(disk, { recursive: true, force: true }));
    const env = { OPENFRAME_DATA_DIR: disk, HOME: disk, TMPDIR: disk };
    const after = await deployment.start('telemetry', { instance: 'telemetry-b', env });
    // The same devices number their events from 0 again: the same ids.
    const again = { fleet: new Fleet({ seed, tenants, devices }), ledger: new Ledger() };
    const { engines, prefix, partitions } = deployment;
    const repeating = { engines, prefix, partitions, ...again };
    await sendRaw(context, repeating, load);
    const lastMs = await sendRaw(context, deployment, { events: devices, ratePerSecond: 1_000 });
    const url = await after.listening;
    await untilRead(url, recordsOf(load.events) + recordsOf(devices));
    const catchUpMs = Math.max(clock.nowMs() - lastMs, 0);

    const entries = (await metricOf(url, `openframe_pipeline_restored_entries${ofTelemetry}`)) ?? 0;
    const restoredMs = (await metricOf(url, `openframe_pipeline_restored_ms${ofTelemetry}`)) ?? 0;
    // Telemetry keeps an entry for each event that it has seen, and one for each device.
    expect(entries, 'what came back is what was seen').toBe(seenBefore + devices);
    await using log = await deployment.openLog();
    const { records, repeated, reordered } = await enrichedOrder(log, partitions);
    return {
      events: ledger.acceptedCount,
      faults: 1,
      lost: ledger.acceptedCount - (records - repeated),
      duplicated: repeated,
      altered: 0,
      reordered,
      catchUpMs,
      seen: {
        restoredEvents: entries,
        restoredMs: Math.round(restoredMs),
        msByMillion: Math.round((restoredMs * 1_000_000) / entries),
      },
    };
  },
};
