import type { TestProject } from 'vitest/node';

import type { EngineAddresses } from './engine-addresses.ts';

const loopback: EngineAddresses = {
  OPENFRAME_NATS_URL: 'nats://127.0.0.1:4222',
  OPENFRAME_KAFKA_BROKERS: '127.0.0.1:9092',
  OPENFRAME_CASSANDRA_CONTACT_POINTS: '127.0.0.1:9042',
  OPENFRAME_PINOT_BROKER_URL: 'http://127.0.0.1:8099',
  OPENFRAME_PINOT_CONTROLLER_URL: 'http://127.0.0.1:9000',
  OPENFRAME_MONGODB_URL: 'mongodb://127.0.0.1:27017',
  OPENFRAME_REDIS_URL: 'redis://127.0.0.1:6379',
};

/** Vitest calls a global set-up's `setup`. */
export function setup(project: TestProject): void {
  project.provide('engines', loopback);
}
