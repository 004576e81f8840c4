import { randomUUID } from 'node:crypto';

import type { EventSinkSubject } from '../../conformance/event-sinks.ts';
import { topics } from '../../contracts/topics.ts';
import { createKafkaLog } from '../../brokers/kafka/log.ts';
import { createPlatformaticClient } from '../../brokers/kafka/platformatic/client.ts';
import { kafkaOptions, removeAll, uniquePrefix } from '../../brokers/kafka/kafka-subject.fixture.ts';
import type { Log } from '../../brokers/log.ts';
import { createManualClock, createSystemClock } from '../../streams/clock.ts';
import { recordCount, setBaseOffset } from '../../streams/record-batch.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { SealedBatches } from '../../streams/sealed-batches.ts';
import type { SinkBatch } from '../../streams/sink.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import type { Analytics } from '../analytics.ts';
import { createPinotAnalytics, type PinotAnalyticsOptions } from './analytics.ts';
import { PinotClient } from './client.ts';
import { tableKinds, tableName } from './tables.ts';

const partitions = 4;

export interface PinotPlace extends AsyncDisposable {
  readonly log: Log;
  readonly client: PinotClient;
  readonly options: PinotAnalyticsOptions;
}

/** Topics and tables of their own, dropped in the end. */
export async function createPinotPlace(addresses = engineAddresses()): Promise<PinotPlace> {
  await using opening = new AsyncDisposableStack();
  const brokers = addresses.OPENFRAME_KAFKA_BROKERS;
  const prefix = uniquePrefix();
  const clock = createSystemClock();
  const connection = {
    brokerUrls: addresses.OPENFRAME_PINOT_BROKER_URL.split(','),
    controllerUrl: addresses.OPENFRAME_PINOT_CONTROLLER_URL,
  };
  opening.defer(() => removeAll(brokers, prefix));
  const client = new PinotClient(connection);
  opening.defer(async () => {
    for (const kind of tableKinds)
      await client.controller('delete', `/tableConfigs/${tableName(prefix, kind)}`);
    client.close();
  });
  const kafka = await createPlatformaticClient(kafkaOptions(brokers));
  const log = opening.use(await createKafkaLog({ client: kafka, clock, instance: randomUUID(), prefix }));
  const kept = { partitions, cleanup: 'delete', retentionMs: 3_600_000, retentionBytes: 1e9 } as const;
  await log.declareTopics(
    [topics.enriched, topics.samples, topics.deviceNames, topics.completions].map((name) => ({
      ...kept,
      name,
    })),
  );
  const opened = opening.move();
  const options: PinotAnalyticsOptions = {
    ...connection,
    prefix,
    clock,
    topics: {
      enriched: `${prefix}${topics.enriched}`,
      samples: `${prefix}${topics.samples}`,
      deviceNames: `${prefix}${topics.deviceNames}`,
      completions: `${prefix}${topics.completions}`,
    },
    kafkaBrokers: brokers.split(','),
    replicas: 1,
    append: (topic, partition, batch) => log.append(topics[topic], partition, batch),
  };
  return { log, client, options, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Analytics as the conformance suite takes it: what is to be written stands on the enriched topic first. */
export async function createAnalyticsSubject(): Promise<EventSinkSubject<Analytics>> {
  await using opening = new AsyncDisposableStack();
  const { log, options } = opening.use(await createPinotPlace());
  const opened = opening.use(new AsyncDisposableStack());
  const open = async (): Promise<Analytics> =>
    withTelemetry(opened.use(await createPinotAnalytics(options)), log);
  const store = await open();
  const owned = opening.move();
  return {
    store,
    // Pinot stamps rows by its own clock: nobody asks this one.
    clock: createManualClock(),
    async reopen() {
      await store[Symbol.asyncDispose]();
      return open();
    },
    afterKill: open,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Takes the part of the telemetry role: appends the records, then lets them be written where they stand. */
export function withTelemetry(analytics: Analytics, log: Log): Analytics {
  return {
    ...analytics,
    async write(batches, signal) {
      const given = new Map<string, number>();
      const standing: SinkBatch[] = [];
      for (const batch of batches) {
        const { partition } = batch;
        const { sealed, offsets } = liveRecords(batch);
        for (const bytes of sealed) {
          const at = await log.append(topics.enriched, partition, bytes);
          setBaseOffset(bytes, at);
          const count = recordCount(bytes);
          offsets.splice(0, count).forEach((offset, i) => given.set(`${partition}/${at + i}`, offset));
          standing.push({ partition, bytes, count, firstOffset: at });
        }
      }
      const rejected = await analytics.write(standing, signal);
      return rejected.map((one) => ({ ...one, offset: given.get(`${one.partition}/${one.offset}`) ?? -1 }));
    },
  };
}

/** In batches of a size that the log takes. */
function liveRecords({ bytes, firstOffset }: SinkBatch): { sealed: Buffer[]; offsets: number[] } {
  const cursor = new RecordCursor();
  const batches = new SealedBatches(64 * 1024);
  const offsets: number[] = [];
  cursor.reset(bytes);
  while (cursor.next()) {
    if (cursor.offset < firstOffset) continue;
    offsets.push(cursor.offset);
    const { timestampMs } = cursor;
    const record = { key: cursor.keyText(), value: cursor.value(), headers: cursor.headers(), timestampMs };
    batches.appendRecord(record);
  }
  return { sealed: batches.take(), offsets };
}
