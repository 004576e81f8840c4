import type { Log } from '../brokers/log.ts';
import { toolHeaders, toolTopics } from '../contracts/topics.ts';
import { partitionOf } from '../streams/partitioner.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import { connectorId, type ConnectorName } from './connector-registry.ts';
import type { ToolReading } from './tool-reader.ts';

/** Brokers refuse batches above their limit, 1 MiB by default. */
const batchBytes = 512 * 1024;
/** An event may have 1 MiB, and a record must fit a broker's batch. */
const valueBytes = 900 * 1024;

/**
 * Writes what a connector read to `tools.events.v1`, where every tool's events are decoded and placed; resolves when
 * all of it is durable. One partition for a connector, so that its events keep their order. What is too large for a
 * record goes without its row and is refused there, among the dead letters. Throws what `Log.append` throws.
 */
export async function handOn(
  log: Pick<Log, 'append' | 'partitionCount'>,
  name: ConnectorName,
  readings: readonly ToolReading[],
  nowMs: number,
): Promise<void> {
  const key = Buffer.from(connectorId(name));
  const partition = partitionOf(key, log.partitionCount(toolTopics.other));
  const builder = new RecordBatchBuilder();
  for (const reading of readings) {
    const value = valueOf(reading);
    if (builder.count > 0 && builder.sizeBytes + value.length > batchBytes) {
      await log.append(toolTopics.other, partition, builder.finish());
    }
    builder.appendRecord({
      key,
      value,
      // When it came: the event's own time stands in the value.
      timestampMs: nowMs,
      headers: { [toolHeaders.messageType]: reading.messageType, [toolHeaders.connection]: name.server },
    });
  }
  if (builder.count > 0) await log.append(toolTopics.other, partition, builder.finish());
}

function valueOf({ id, value }: ToolReading): Buffer {
  const bytes = Buffer.from(JSON.stringify(value));
  if (bytes.length <= valueBytes) return bytes;
  return Buffer.from(JSON.stringify({ id: id.slice(0, 256), tooLargeBytes: bytes.length }));
}
