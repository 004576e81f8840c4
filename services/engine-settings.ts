import { z } from 'zod';

const optionalText = (meaning: string) => z.string().min(1).optional().describe(meaning);
const flag = (meaning: string) =>
  z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe(meaning);
const list = (start: string, meaning: string) =>
  z
    .string()
    .default(start)
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every((part) => part !== ''), 'give host:port, several with commas')
    .describe(meaning);
const address = (start: string, protocols: RegExp, meaning: string) =>
  z.url({ protocol: protocols }).default(start).describe(meaning);

const certificateFile = (engine: string) =>
  optionalText(
    `File (PEM) with the certificate by which this process signs in to ${engine}, where it asks for one.`,
  );
const keyFile = () => optionalText('File (PEM) with its private key.');

/** Settings of the real engines: where each answers, as whom, and under which names. */
export const engineSettingsShape = {
  OPENFRAME_NAME_PREFIX: z
    .string()
    .regex(/^([a-z][a-z0-9_]{0,29})?$/, 'at most 30 of a-z, 0-9 and _, beginning with a letter')
    .default('')
    .describe(
      'Set before every name on the engines (topics, groups, stream, keyspace, tables, database, keys), so that several deployments share them.',
    ),
  OPENFRAME_NATS_URL: z
    .string()
    .min(1)
    .refine(
      (text) => !text.includes('@'),
      'give user and password by settings of their own, not in the address',
    )
    .default('nats://127.0.0.1:4222')
    .describe('NATS servers, several with commas; tls:// encrypts.'),
  OPENFRAME_NATS_USERNAME: optionalText('User for NATS.'),
  OPENFRAME_NATS_PASSWORD: optionalText('Its password.'),
  OPENFRAME_NATS_TOKEN: optionalText('Token for NATS, instead of a user.'),
  OPENFRAME_NATS_CREDENTIALS_FILE: optionalText(
    "File with a user's JWT and seed (`.creds`), instead of both.",
  ),
  OPENFRAME_NATS_TLS_CERT_FILE: certificateFile('NATS'),
  OPENFRAME_NATS_TLS_KEY_FILE: keyFile(),
  OPENFRAME_NATS_REPLICAS: z.coerce
    .number()
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe('Copies of the stream; 3 in a cluster.'),
  OPENFRAME_NATS_MONITORING_URL: address(
    'http://127.0.0.1:8222',
    /^https?$/,
    "NATS' monitoring, asked at the start whether the server syncs each message to disk.",
  ),
  OPENFRAME_KAFKA_BROKERS: list('127.0.0.1:9092', 'Kafka brokers to begin with, host:port with commas.'),
  OPENFRAME_KAFKA_CLIENT: z
    .enum(['platformatic', 'kafkajs', 'confluent'])
    .default('platformatic')
    .describe('Client library; confluent is native and an optional package.'),
  OPENFRAME_KAFKA_USERNAME: optionalText('User for Kafka (SASL); without it, none signs in.'),
  OPENFRAME_KAFKA_PASSWORD: optionalText('Its password.'),
  OPENFRAME_KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .default('scram-sha-512')
    .describe('How the user of Kafka signs in.'),
  OPENFRAME_KAFKA_TLS: flag('Whether connections to Kafka are encrypted.'),
  OPENFRAME_KAFKA_TLS_CERT_FILE: certificateFile('Kafka'),
  OPENFRAME_KAFKA_TLS_KEY_FILE: keyFile(),
  OPENFRAME_KAFKA_REPLICATION: z.coerce
    .number()
    .int()
    .min(1)
    .default(1)
    .describe('Copies of each topic that is created; 3 in a cluster.'),
  OPENFRAME_CASSANDRA_CONTACT_POINTS: list(
    '127.0.0.1:9042',
    'Cassandra nodes to begin with, host:port with commas.',
  ),
  OPENFRAME_CASSANDRA_DATACENTER: z
    .string()
    .min(1)
    .default('datacenter1')
    .describe('The data centre whose nodes are asked.'),
  OPENFRAME_CASSANDRA_KEYSPACE: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, 'a-z, 0-9 and _')
    .default('openframe')
    .describe('Keyspace of the event log; created where it is missing.'),
  OPENFRAME_CASSANDRA_REPLICATION: z.coerce
    .number()
    .int()
    .min(1)
    .default(1)
    .describe('Copies of each row in the data centre; 3 in a cluster.'),
  OPENFRAME_CASSANDRA_USERNAME: optionalText('User for Cassandra.'),
  OPENFRAME_CASSANDRA_PASSWORD: optionalText('Its password.'),
  OPENFRAME_CASSANDRA_TLS: flag('Whether connections to Cassandra are encrypted.'),
  OPENFRAME_CASSANDRA_TLS_CERT_FILE: certificateFile('Cassandra'),
  OPENFRAME_CASSANDRA_TLS_KEY_FILE: keyFile(),
  OPENFRAME_PINOT_BROKER_URL: list('http://127.0.0.1:8099', 'Pinot brokers, several with commas.'),
  OPENFRAME_PINOT_CONTROLLER_URL: address('http://127.0.0.1:9000', /^https?$/, "Pinot's controller."),
  OPENFRAME_PINOT_KAFKA_BROKERS: optionalText(
    'Kafka brokers as Pinot reaches them, where its network differs from ours.',
  ),
  OPENFRAME_PINOT_REPLICAS: z.coerce
    .number()
    .int()
    .min(1)
    .default(1)
    .describe("Copies of each of Pinot's segments; 2 or more in a cluster."),
  OPENFRAME_PINOT_AUTHORIZATION: optionalText('Value of the header Authorization for Pinot.'),
  OPENFRAME_MONGODB_URL: z
    .string()
    // A replica set has several hosts with commas, which no URL has.
    .regex(/^mongodb(\+srv)?:\/\/[^\s/?#]+/, 'mongodb://host:port, several with commas')
    .default('mongodb://127.0.0.1:27017')
    .describe(
      'MongoDB, with user, password and TLS in the address; of a replica set several hosts with commas.',
    ),
  OPENFRAME_MONGODB_DATABASE: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and -')
    .default('openframe')
    .describe('Database of the documents.'),
  OPENFRAME_MONGODB_TLS_CERT_FILE: certificateFile('MongoDB'),
  OPENFRAME_MONGODB_TLS_KEY_FILE: keyFile(),
  OPENFRAME_REDIS_URL: address(
    'redis://127.0.0.1:6379',
    /^rediss?$/,
    'Redis, with user and password in the address; rediss:// encrypts.',
  ),
  OPENFRAME_REDIS_TLS_CERT_FILE: certificateFile('Redis'),
  OPENFRAME_REDIS_TLS_KEY_FILE: keyFile(),
} as const;
