import { Kafka, logLevel, type Message, Partitioners, type Producer } from 'kafkajs';

import { headers, rawKey, topics } from '../../contracts/topics.ts';
import { partitionOf } from '../../streams/partitioner.ts';
import type { FleetEvent } from './fleet.ts';

/** Writes events into the raw topic as the relay does, by a client that the platform does not use there. */
export interface RawProducer extends AsyncDisposable {
  /** Resolves when the broker has them all. */
  send(events: readonly FleetEvent[]): Promise<void>;
}

export async function createRawProducer(options: {
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly partitions: number;
  readonly nowMs: () => number;
}): Promise<RawProducer> {
  const { brokers, prefix, partitions, nowMs } = options;
  const kafka = new Kafka({ clientId: 'openframe-faults', brokers: [...brokers], logLevel: logLevel.ERROR });
  const producer: Producer = kafka.producer({
    idempotent: true,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return {
    async send(events) {
      const messages = events.map((event) => messageOf(event, partitions, nowMs()));
      await producer.send({ topic: prefix + topics.raw, messages, acks: -1 });
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}

function messageOf(event: FleetEvent, partitions: number, nowMs: number): Message {
  const { device, type, source, id, time, data, eventId } = event;
  const key = Buffer.from(rawKey(device.tenantId, source));
  return {
    key,
    value: data,
    partition: partitionOf(key, partitions),
    timestamp: String(Date.parse(time)),
    headers: {
      [headers.specVersion]: '1.0',
      [headers.id]: id,
      [headers.source]: source,
      [headers.type]: type,
      [headers.time]: time,
      [headers.contentType]: 'application/json',
      [headers.tenant]: device.tenantId,
      [headers.device]: device.deviceId,
      [headers.eventId]: eventId,
      [headers.ingestTime]: String(nowMs),
    },
  };
}
