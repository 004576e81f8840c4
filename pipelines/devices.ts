import {
  deviceInventorySchema,
  type DeviceInventory,
  lifeSourcePrefix,
  lifeTypePrefix,
} from '../contracts/device.ts';
import { agentEventTypes } from '../contracts/event.ts';
import type { DeviceSighting } from '../stores/device-registry.ts';
import { headers } from '../contracts/topics.ts';
import { BytesRecord } from '../streams/bytes-record.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import { type Field, FieldTable, fieldsOf, type RecordFormat } from '../streams/record.ts';
import type { RejectedRecord, Sink, SinkBatch } from '../streams/sink.ts';

type Sighting = { -readonly [K in keyof DeviceSighting]: DeviceSighting[K] };

export interface DevicesSinkDeps {
  /** Merges sightings into the devices that are kept; idempotent, since newest times and inventories win. */
  save(sightings: readonly DeviceSighting[]): Promise<void>;
}

const format: RecordFormat = {
  headers: {
    [headers.tenant]: { name: 'tenantId', kind: 'text' },
    [headers.device]: { name: 'deviceId', kind: 'text' },
    [headers.type]: { name: 'sourceType', kind: 'text' },
    [headers.source]: { name: 'source', kind: 'text' },
    [headers.ingestTime]: { name: 'ingestTime', kind: 'number' },
  },
  value: { name: 'event', kind: 'json' },
};

/** Keeps who the devices are and when each was seen last, from the enriched stream. */
export function createDevicesSink(deps: DevicesSinkDeps): Sink {
  const fields = new FieldTable();
  const [tenantId, deviceId, sourceType, source, ingestTime, event] = fieldsOf(format).map((f) =>
    fields.add(f),
  ) as [Field, Field, Field, Field, Field, Field];
  const cursor = new RecordCursor();
  const record = new BytesRecord(cursor, format, fields);

  const collect = (batch: SinkBatch, found: Map<string, Sighting>): void => {
    cursor.reset(batch.bytes);
    while (cursor.next()) {
      if (cursor.offset < batch.firstOffset) continue;
      record.load();
      if (!record.has(deviceId)) continue;
      // That a device is silent is no sign of life.
      const type = record.text(sourceType);
      if (type.startsWith(lifeTypePrefix) && record.text(source).startsWith(lifeSourcePrefix)) continue;
      const sighting = sightingOf(found, record.text(tenantId), record.text(deviceId));
      const seenMs = Math.min(record.eventTimeMs, record.number(ingestTime));
      if (seenMs >= sighting.lastSeenMs) sighting.lastSeenMs = seenMs;
      if (type !== agentEventTypes.device) continue;
      const inventory = inventoryOf(record.json(event));
      if (inventory !== null) sighting.inventory = inventory;
    }
    cursor.release();
  };

  return {
    name: 'devices',
    async write(batches): Promise<readonly RejectedRecord[]> {
      const found = new Map<string, Sighting>();
      for (const batch of batches) collect(batch, found);
      if (found.size > 0) await deps.save([...found.values()]);
      return [];
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function sightingOf(found: Map<string, Sighting>, tenantId: string, deviceId: string): Sighting {
  const key = `${tenantId}:${deviceId}`;
  let sighting = found.get(key);
  if (sighting === undefined) found.set(key, (sighting = { tenantId, deviceId, lastSeenMs: 0 }));
  return sighting;
}

function inventoryOf(event: unknown): DeviceInventory | null {
  const data = typeof event === 'object' && event !== null ? (event as { data?: unknown }).data : undefined;
  const parsed = deviceInventorySchema.safeParse(data);
  return parsed.success ? parsed.data : null;
}
