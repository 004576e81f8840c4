import { HeaderReader, RecordCursor } from '../../../streams/record-cursor.ts';
import type { BatchFor } from '../client.ts';
import type { ConfluentDeps } from './configuration.ts';
import { connectionConfig } from './configuration.ts';
import { faultCodeOf, localFault } from './faults.ts';
import { called, type Config, type DeliveryReport, type NativeProducer } from './librdkafka.ts';

const fullQueuePauseMs = 5;
/** Kafka's default limit of a batch, with room for what surrounds it. */
const messageBytes = 1_048_576;

/** Connects a producer; `onReport` is told of deliveries, in a transaction of failed ones alone. */
export async function connectProducer(
  { library, options }: ConfluentDeps,
  config: Config,
  onReport: (error: Error | null, report: DeliveryReport) => void,
): Promise<NativeProducer> {
  const producer = new library.Producer(
    {
      ...connectionConfig(options),
      dr_cb: true,
      'compression.type': 'zstd',
      'linger.ms': 1,
      'batch.size': messageBytes,
      'message.max.bytes': messageBytes,
      'queue.buffering.max.kbytes': 64 * 1024,
      'enable.idempotence': true,
      ...config,
    },
    {},
  );
  producer.on('event.error', () => undefined);
  producer.on('delivery-report', onReport);
  await called<unknown>((done) => producer.connect({ timeout: options.requestTimeoutMs }, done));
  producer.setPollInBackground(true);
  return producer;
}

/** Hands each record of the batch over; waits where librdkafka's queue is full. */
export async function produceBatch(
  { options }: ConfluentDeps,
  producer: NativeProducer,
  { topic, partition, batch }: BatchFor,
  opaque?: unknown,
): Promise<void> {
  const cursor = new RecordCursor();
  cursor.reset(batch);
  while (cursor.next()) {
    const key = cursor.keyStart < 0 ? null : cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd);
    const value = cursor.value();
    const headers = headersOf(cursor);
    for (;;) {
      try {
        producer.produce(topic, partition, value, key, cursor.timestampMs, opaque, headers);
        break;
      } catch (error) {
        if (faultCodeOf(error) !== localFault.queueFull) throw error;
      }
      await options.clock.sleep(fullQueuePauseMs);
    }
  }
}

function headersOf(cursor: RecordCursor): Readonly<Record<string, Buffer>>[] {
  const reader = new HeaderReader();
  const headers: Record<string, Buffer>[] = [];
  reader.reset(cursor.bytes, cursor.headersStart, cursor.headersEnd);
  while (reader.next()) {
    const name = cursor.bytes.toString('utf8', reader.nameStart, reader.nameEnd);
    headers.push({ [name]: cursor.bytes.subarray(Math.max(reader.valueStart, 0), reader.valueEnd) });
  }
  return headers;
}
