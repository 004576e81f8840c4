import { cassandra } from './cassandra/cassandra.ts';
import type { Engine, EngineName } from './engine.ts';
import { kafka } from './kafka/kafka.ts';
import { mongodb } from './mongodb/mongodb.ts';
import { nats } from './nats/nats.ts';
import { pinot } from './pinot/pinot.ts';
import { redis } from './redis/redis.ts';

export const allEngines: Readonly<Record<EngineName, Engine>> = {
  nats,
  kafka,
  cassandra,
  pinot,
  mongodb,
  redis,
};
