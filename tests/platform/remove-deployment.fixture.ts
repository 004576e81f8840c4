import { Client } from 'cassandra-driver';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';

import { removeStream } from '../../brokers/nats/nats-subject.fixture.ts';
import type { EngineAddresses } from '../../engines/engine.ts';

/** Removes from the engines what a platform with this name prefix made there. */
export async function removeDeployment(
  engines: Omit<
    EngineAddresses,
    'OPENFRAME_NATS_MONITORING_URL' | 'OPENFRAME_PINOT_BROKER_URL' | 'OPENFRAME_REDIS_URL'
  >,
  prefix: string,
): Promise<void> {
  await Promise.all([
    removeTopics(engines.OPENFRAME_KAFKA_BROKERS.split(','), prefix),
    removeKeyspace(engines.OPENFRAME_CASSANDRA_CONTACT_POINTS.split(','), `${prefix}openframe`),
    removeStream(engines.OPENFRAME_NATS_URL, prefix),
    removeDatabase(engines.OPENFRAME_MONGODB_URL, `${prefix}openframe`),
    removeTables(engines.OPENFRAME_PINOT_CONTROLLER_URL, prefix),
  ]);
}

async function removeTables(controllerUrl: string, prefix: string): Promise<void> {
  const answer = await fetch(`${controllerUrl}/tables`);
  const { tables } = (await answer.json()) as { tables: string[] };
  for (const table of tables.filter((name) => name.startsWith(prefix))) {
    await fetch(`${controllerUrl}/tableConfigs/${table}`, { method: 'DELETE' });
  }
}

async function removeTopics(brokers: string[], prefix: string): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const ours = groups.map(({ groupId }) => groupId).filter((name) => name.startsWith(prefix));
    // The group of a killed member has it until its session ends; the brokers remove groups without topics later.
    if (ours.length > 0) await admin.deleteGroups(ours).catch(() => undefined);
  } finally {
    await admin.disconnect();
  }
}

async function removeKeyspace(contactPoints: string[], keyspace: string): Promise<void> {
  const client = new Client({
    contactPoints,
    localDataCenter: 'datacenter1',
    socketOptions: { readTimeout: 60_000 },
  });
  await client.connect();
  await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
  await client.shutdown();
}

async function removeDatabase(url: string, name: string): Promise<void> {
  const client = await MongoClient.connect(url);
  await client.db(name).dropDatabase();
  await client.close();
}
