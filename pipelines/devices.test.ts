import { expect, it } from 'vitest';

import { headers } from '../contracts/topics.ts';
import type { DeviceSighting } from '../stores/device-registry.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import { createDevicesSink } from './devices.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');

interface Seen {
  readonly type: string;
  readonly source: string;
  readonly atMs: number;
}

/** What the sink saves of events of one device. */
async function saved(...events: readonly Seen[]): Promise<readonly DeviceSighting[]> {
  const builder = new RecordBatchBuilder();
  for (const { type, source, atMs } of events) {
    builder.appendRecord({
      key: '',
      value: JSON.stringify({ data: { hostname: 'pc-1' } }),
      timestampMs: atMs,
      headers: {
        [headers.type]: type,
        [headers.source]: source,
        [headers.tenant]: 'acme',
        [headers.device]: 'd1',
        [headers.ingestTime]: String(atMs),
      },
    });
  }
  const found: DeviceSighting[] = [];
  const save = async (sightings: readonly DeviceSighting[]): Promise<void> => void found.push(...sightings);
  await using sink = createDevicesSink({ save });
  await sink.write(
    [
      {
        partition: 0,
        firstOffset: 0,
        count: events.length,
        bytes: builder.finish(),
      },
    ],
    new AbortController().signal,
  );
  return found;
}

const heartbeat = { type: 'openframe.heartbeat', source: '/agents/d1', atMs: startMs };

it('saw a device when it last said something, not when the platform told that it is silent', async () => {
  const late = { type: 'openframe.device.late', source: '/devices/d1', atMs: startMs + 75_000 };
  const offline = { type: 'openframe.device.offline', source: '/devices/d1', atMs: startMs + 130_000 };
  expect(await saved(heartbeat, late, offline)).toEqual([
    { tenantId: 'acme', deviceId: 'd1', lastSeenMs: startMs },
  ]);
  expect(await saved(offline)).toEqual([]);
});

it("takes the inventory that an agent sends, and a type of its own that looks like the platform's", async () => {
  const inventory = { type: 'openframe.device', source: '/agents/d1', atMs: startMs + 1 };
  const own = { type: 'openframe.device.offline', source: '/agents/d1', atMs: startMs + 2 };
  expect(await saved(heartbeat, inventory, own)).toEqual([
    { tenantId: 'acme', deviceId: 'd1', lastSeenMs: startMs + 2, inventory: { hostname: 'pc-1' } },
  ]);
});
