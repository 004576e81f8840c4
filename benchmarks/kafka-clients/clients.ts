import { randomUUID } from 'node:crypto';

import { createConfluentClient } from '../../brokers/kafka/confluent/client.ts';
import { createKafkajsClient } from '../../brokers/kafka/kafkajs/client.ts';
import { createKafkaLog } from '../../brokers/kafka/log.ts';
import { createPlatformaticClient } from '../../brokers/kafka/platformatic/client.ts';
import type { Log } from '../../brokers/log.ts';
import { createSystemClock } from '../../streams/clock.ts';

export const clientNames = ['platformatic', 'kafkajs', 'confluent'] as const;
export type ClientName = (typeof clientNames)[number];

const create = {
  platformatic: createPlatformaticClient,
  kafkajs: createKafkajsClient,
  confluent: createConfluentClient,
};

/** The log on one of the clients, all names on the brokers behind `prefix`. */
export async function openLog(client: ClientName, brokers: string, prefix: string): Promise<Log> {
  const clock = createSystemClock();
  const options = {
    brokers: brokers.split(','),
    clientId: `bench-${client}`,
    requestTimeoutMs: 10_000,
    clock,
  };
  return createKafkaLog({ client: await create[client](options), clock, instance: randomUUID(), prefix });
}
