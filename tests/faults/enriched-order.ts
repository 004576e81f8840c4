import { z } from 'zod';

import { topics } from '../../contracts/topics.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import type { TransactionalLog } from '../../streams/transaction.ts';

/** What stands in the enriched topic, whatever the sinks make of it. */
export interface EnrichedOrder {
  readonly records: number;
  /** Records whose event stood there before: doubled by the telemetry role. */
  readonly repeated: number;
  /** Records of a device that stand behind a later one of the same device. */
  readonly reordered: number;
}

const enrichedSchema = z.object({ tenantId: z.string(), deviceId: z.string(), sourceId: z.string() });

/** Reads all committed records of the enriched topic. A device numbers its events at the end of their ids. */
export async function enrichedOrder(log: TransactionalLog, partitions: number): Promise<EnrichedOrder> {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  const order = { records: 0, repeated: 0, reordered: 0 };
  const cursor = new RecordCursor();
  for (let partition = 0; partition < partitions; partition++) {
    for await (const bytes of log.readAll(topics.enriched, partition)) {
      cursor.reset(bytes);
      while (cursor.next()) {
        const value = cursor.value();
        if (value === null) continue;
        const event = enrichedSchema.parse(JSON.parse(value.toString('utf8')));
        const device = `${event.tenantId}/${event.deviceId}`;
        const sequence = Number(event.sourceId.slice(event.sourceId.lastIndexOf('-') + 1));
        order.records++;
        if (seen.has(`${device}/${sequence}`)) order.repeated++;
        else if (sequence < (last.get(device) ?? -1)) order.reordered++;
        seen.add(`${device}/${sequence}`);
        last.set(device, Math.max(sequence, last.get(device) ?? -1));
      }
    }
  }
  return order;
}
