import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';

import type { KafkaClient } from '../brokers/kafka/client.ts';
import type { Log } from '../brokers/log.ts';
import type { NatsCredentials } from '../brokers/nats/link.ts';
import type { Messaging } from '../brokers/messaging.ts';
import { auditTypes } from '../contracts/audit.ts';
import { topics } from '../contracts/topics.ts';
import { relay } from '../pipelines/relay.ts';
import { analyticsTopicDeclarations, topicDeclarations } from '../pipelines/topic-declarations.ts';
import type { Analytics } from '../sinks/analytics.ts';
import type { EventLog } from '../sinks/event-log.ts';
import type { PinotConnection } from '../sinks/pinot/client.ts';
import type { Cache } from '../stores/cache.ts';
import { createLeasedCache } from '../stores/leased-cache.ts';
import { createEmbeddedCache } from '../stores/embedded/cache.ts';
import type { DocumentStore } from '../stores/documents.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { certified } from './client-certificates.ts';
import { engineAddresses } from './engine-checks.ts';
import { type EngineName, type Engines, messagingOptions } from './engines.ts';
import { auditRetentionMs, type Settings } from './settings.ts';

/** Who opens the engines. */
export interface EngineUser {
  readonly clock: Clock;
  /** Names the connections on the servers, with the instance. */
  readonly role: string;
  /** Told what cannot be known of an engine. */
  readonly onWarning?: (text: string) => void;
}

const dayMs = 86_400_000;
const defaultPartitions = 4;
/** Senders of one gateway that come within it share a sync of NATS. */
const publishLingerMs = 40;

/** The name of this process among all on the engines: the same after a restart where the setting says so. */
export function instanceOf(settings: Settings, role: string): string {
  return `${role}-${settings.OPENFRAME_INSTANCE ?? `${hostname()}-${process.pid}`}`;
}

/** The real engines that the settings name. A driver is loaded when its engine is opened first. */
export function distributedEngines(settings: Settings, user: EngineUser): Engines {
  const clientName = `openframe-${user.role}`;
  const where = (name: EngineName): string => {
    const servers = engineAddresses(settings).filter(({ engine }) => engine === name);
    return servers.map(({ product, nodes }) => `${product} at ${nodes.join(', ')}`).join(', ');
  };
  return {
    where,
    messaging: () => openNats(settings, user),
    log: () => openKafka(settings, user),
    eventLog: () => openCassandra(settings, user),
    analytics: () => openPinot(settings, user),
    documents: () => openMongoDb(settings, clientName),
    cache: () => openRedis(settings, user.clock, clientName),
  };
}

async function openNats(settings: Settings, { clock, role, onWarning }: EngineUser): Promise<Messaging> {
  const { createNatsMessaging } = await import('../brokers/nats/messaging.ts');
  const { OPENFRAME_NATS_MONITORING_URL: monitoringUrl } = settings;
  const credentials = natsCredentials(settings);
  return createNatsMessaging({
    servers: settings.OPENFRAME_NATS_URL.split(',').map((server) => server.trim()),
    ...(credentials === undefined ? {} : { credentials }),
    ...certified(settings, 'NATS'),
    clock,
    options: messagingOptions,
    publishLingerMs,
    consumers: [relay.name],
    prefix: settings.OPENFRAME_NAME_PREFIX,
    replicas: settings.OPENFRAME_NATS_REPLICAS,
    clientName: `openframe-${instanceOf(settings, role)}`,
    ...(monitoringUrl === undefined ? {} : { monitoringUrl }),
    ...(onWarning === undefined ? {} : { onWarning }),
  });
}

function natsCredentials(settings: Settings): NatsCredentials | undefined {
  const { OPENFRAME_NATS_CREDENTIALS_FILE: credentialsFile, OPENFRAME_NATS_TOKEN: token } = settings;
  if (credentialsFile !== undefined) return { credentialsFile };
  if (token !== undefined) return { token };
  const { OPENFRAME_NATS_USERNAME: username, OPENFRAME_NATS_PASSWORD: password = '' } = settings;
  return username === undefined ? undefined : { username, password };
}

async function openKafka(settings: Settings, { clock, role }: EngineUser): Promise<Log> {
  const { createKafkaLog } = await import('../brokers/kafka/log.ts');
  const log = await createKafkaLog({
    client: await openKafkaClient(settings, clock, role),
    clock,
    instance: instanceOf(settings, role),
    prefix: settings.OPENFRAME_NAME_PREFIX,
    replication: settings.OPENFRAME_KAFKA_REPLICATION,
  });
  try {
    const partitions = settings.OPENFRAME_PARTITIONS ?? defaultPartitions;
    await log.declareTopics([...topicDeclarations(partitions), ...analyticsTopicDeclarations(partitions)]);
    return log;
  } catch (error) {
    await log[Symbol.asyncDispose]();
    throw error;
  }
}

async function openKafkaClient(settings: Settings, clock: Clock, role: string): Promise<KafkaClient> {
  const { OPENFRAME_KAFKA_USERNAME: username, OPENFRAME_KAFKA_SASL_MECHANISM: mechanism } = settings;
  const password = settings.OPENFRAME_KAFKA_PASSWORD ?? '';
  const options = {
    brokers: settings.OPENFRAME_KAFKA_BROKERS,
    clientId: `openframe-${role}`,
    tls: settings.OPENFRAME_KAFKA_TLS,
    ...certified(settings, 'KAFKA'),
    ...(username === undefined ? {} : { sasl: { mechanism, username, password } }),
    requestTimeoutMs: 10_000,
    clock,
  };
  switch (settings.OPENFRAME_KAFKA_CLIENT) {
    case 'platformatic':
      return (await import('../brokers/kafka/platformatic/client.ts')).createPlatformaticClient(options);
    case 'kafkajs':
      return (await import('../brokers/kafka/kafkajs/client.ts')).createKafkajsClient(options);
    case 'confluent':
      return (await import('../brokers/kafka/confluent/client.ts')).createConfluentClient(options);
  }
}

async function openCassandra(settings: Settings, { clock }: EngineUser): Promise<EventLog> {
  const { createCassandraEventLog } = await import('../sinks/cassandra/event-log.ts');
  const { OPENFRAME_CASSANDRA_USERNAME: username, OPENFRAME_CASSANDRA_PASSWORD: password } = settings;
  return createCassandraEventLog({
    contactPoints: settings.OPENFRAME_CASSANDRA_CONTACT_POINTS,
    datacenter: settings.OPENFRAME_CASSANDRA_DATACENTER,
    ...(username === undefined ? {} : { credentials: { username, password: password ?? '' } }),
    tls: settings.OPENFRAME_CASSANDRA_TLS,
    ...certified(settings, 'CASSANDRA'),
    keyspace: settings.OPENFRAME_NAME_PREFIX + settings.OPENFRAME_CASSANDRA_KEYSPACE,
    replicationFactor: settings.OPENFRAME_CASSANDRA_REPLICATION,
    retentionMs: settings.OPENFRAME_RETENTION_DAYS * dayMs,
    kept: { eventTypes: auditTypes, retentionMs: auditRetentionMs(settings) },
    clock,
    random: createRandom(randomInt(2 ** 32)),
  });
}

/** Pinot's tables need their topics, which a log of its own declares; the writer goes on with it. */
async function openPinot(settings: Settings, user: EngineUser): Promise<Analytics> {
  const { createPinotAnalytics } = await import('../sinks/pinot/analytics.ts');
  await using opening = new AsyncDisposableStack();
  const log = opening.use(await openKafka(settings, { ...user, role: `${user.role}-analytics` }));
  const { OPENFRAME_NAME_PREFIX: prefix } = settings;
  const analytics = opening.use(
    await createPinotAnalytics({
      ...pinotConnection(settings),
      prefix,
      topics: {
        enriched: `${prefix}${topics.enriched}`,
        samples: `${prefix}${topics.samples}`,
        deviceNames: `${prefix}${topics.deviceNames}`,
        completions: `${prefix}${topics.completions}`,
      },
      kafkaBrokers: settings.OPENFRAME_PINOT_KAFKA_BROKERS?.split(',') ?? settings.OPENFRAME_KAFKA_BROKERS,
      replicas: settings.OPENFRAME_PINOT_REPLICAS,
      retentionMs: settings.OPENFRAME_RETENTION_DAYS * dayMs,
      longestMs: auditRetentionMs(settings),
      append: (topic, partition, batch) => log.append(topics[topic], partition, batch),
      clock: user.clock,
    }),
  );
  const opened = opening.move();
  return { ...analytics, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Where Pinot answers, and how to sign in there. */
export function pinotConnection(settings: Settings): PinotConnection {
  const { OPENFRAME_PINOT_AUTHORIZATION: authorization } = settings;
  return {
    brokerUrls: settings.OPENFRAME_PINOT_BROKER_URL.map(withoutSlash),
    controllerUrl: withoutSlash(settings.OPENFRAME_PINOT_CONTROLLER_URL),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, '');
}

async function openMongoDb(settings: Settings, clientName: string): Promise<DocumentStore> {
  const { createMongoDocuments } = await import('../stores/mongodb/documents.ts');
  const database = settings.OPENFRAME_NAME_PREFIX + settings.OPENFRAME_MONGODB_DATABASE;
  const certificate = certified(settings, 'MONGODB');
  return createMongoDocuments({ url: settings.OPENFRAME_MONGODB_URL, ...certificate, database, clientName });
}

/** Opens also while Redis is away: limits then count for this process alone, which the cache says. */
async function openRedis(settings: Settings, clock: Clock, clientName: string): Promise<Cache> {
  const { createRedisCache } = await import('../stores/redis/cache.ts');
  const prefix = `${settings.OPENFRAME_NAME_PREFIX}openframe`;
  const certificate = certified(settings, 'REDIS');
  const openShared = (): Promise<Cache> =>
    createRedisCache({ url: settings.OPENFRAME_REDIS_URL, ...certificate, prefix, clientName });
  return createLeasedCache({ openShared, local: createEmbeddedCache({ clock }), clock });
}
