import { eventIdOf } from '../../contracts/event-id.ts';
import { headers, rawKey } from '../../contracts/topics.ts';
import { createFleet, type Fleet } from '../../simulator/fleet.ts';
import { createEventLines, type EventLines } from '../../simulator/event-lines.ts';
import { partitionOf } from '../../streams/partitioner.ts';
import { createRandom } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';

export interface PartitionBatch {
  readonly partition: number;
  readonly batch: Buffer;
}

export interface RawEvents {
  readonly batches: readonly PartitionBatch[];
  /** Keys, values and headers as they lie in a batch before it is compressed, a record on average. */
  readonly bytesPerEvent: number;
}

const recordsPerBatch = 1000;

/** Events of a seeded fleet as the relay writes them: keyed by device, in compressed batches. */
export function rawEvents(count: number, partitions: number, seed: number): RawEvents {
  const tenants = Array.from({ length: 200 }, (_, i) => `sim-${i}`);
  const fleet = createFleet({ agents: 5000, tenants, seed });
  const lines = createEventLines(createRandom(seed + 1));
  const startMs = Date.now() - count / 20;
  const builders = Array.from({ length: partitions }, () => new RecordBatchBuilder());
  const batches: PartitionBatch[] = [];
  let bytes = 0;
  const seal = (builder: RecordBatchBuilder, partition: number): void => {
    if (builder.count === 0) return;
    bytes += builder.sizeBytes;
    batches.push({ partition, batch: builder.finish({ compress: true }) });
  };
  for (let i = 0; i < count; i++) {
    const timestampMs = Math.round(startMs + i / 20);
    const { tenantId, line } = eventOf(fleet, lines, timestampMs);
    const key = rawKey(tenantId, line.source);
    const partition = partitionOf(Buffer.from(key), partitions);
    const builder = builders[partition];
    builder?.appendRecord({
      key,
      value: JSON.stringify(line.data),
      timestampMs,
      headers: headersOf(tenantId, line, timestampMs),
    });
    if (builder !== undefined && builder.count >= recordsPerBatch) seal(builder, partition);
  }
  for (const [partition, builder] of builders.entries()) seal(builder, partition);
  return { batches, bytesPerEvent: Math.round(bytes / count) };
}

interface EventLine {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly data: unknown;
}

function eventOf(fleet: Fleet, lines: EventLines, nowMs: number) {
  const agent = fleet.pick();
  return { tenantId: agent.tenantId, line: JSON.parse(lines.next(agent, nowMs)) as EventLine };
}

function headersOf(tenantId: string, { id, source, type, time, subject }: EventLine, nowMs: number) {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: source,
    ce_type: type,
    ce_time: time,
    'content-type': 'application/json',
    [headers.tenant]: tenantId,
    [headers.device]: subject,
    [headers.eventId]: eventIdOf(tenantId, source, id),
    [headers.ingestTime]: String(nowMs),
  };
}
