import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { rolePermissions } from '../../brokers/nats/permissions.ts';
import { engineAddresses } from '../engines/engine-addresses.ts';
import { freePort } from '../support/platform-process.ts';
import { addRoles, keyspaces } from './cassandra-roles.fixture.ts';
import { removeDeployment } from './remove-deployment.fixture.ts';
import {
  addScramUser,
  allowLeast,
  expectReady,
  makeCertificate,
  makeNatsCredentials,
  refusalOf,
  secret,
  startSecured,
  startTlsDoor,
} from './secured-engines.fixture.ts';

const prefix = `s${randomBytes(6).toString('hex')}_`;
const wrong = `not-${secret}`;

let stack: AsyncDisposableStack;
let shared: Record<string, string>;

beforeEach(() => {
  stack = new AsyncDisposableStack();
  shared = { ...engineAddresses(), OPENFRAME_NAME_PREFIX: prefix, OPENFRAME_PARTITIONS: '1' };
  stack.defer(() => removeDeployment(engineAddresses(), prefix).catch(() => undefined));
});

afterEach(() => stack.disposeAsync());

/** It ends with 1 and says what it must, and no secret. */
async function expectRefusal(args: readonly string[], env: Record<string, string>, words: RegExp) {
  const { code, said } = await refusalOf(args, env);
  expect(said).toMatch(words);
  expect(said).not.toContain(secret);
  expect(code).toBe(1);
}

describe('a role whose engine asks who it is', () => {
  it('signs in to Kafka with SCRAM over TLS, and says what is wrong and harms nothing where it may not', async () => {
    const [certificate, securePort, plainPort] = [
      await makeCertificate(stack),
      await freePort(),
      await freePort(),
    ];
    const users = `org.apache.kafka.common.security.plain.PlainLoginModule required user_guest="${secret}" user_least="${secret}";`;
    const kafka = ({ client, controller }: Readonly<Record<string, number>>): string => `
listeners=PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller},SECURE://127.0.0.1:${securePort},SIGNED://127.0.0.1:${plainPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${client},SECURE://127.0.0.1:${securePort},SIGNED://127.0.0.1:${plainPort}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL,SIGNED:SASL_PLAINTEXT
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location=${certificate.pemFile}
listener.name.secure.ssl.client.auth=required
listener.name.secure.ssl.truststore.type=PEM
listener.name.secure.ssl.truststore.location=${certificate.certFile}
listener.name.signed.sasl.enabled.mechanisms=PLAIN
listener.name.signed.plain.sasl.jaas.config=${users}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:openframe
`;
    const { addresses } = await startSecured(stack, { only: ['kafka'], moreSettings: { kafka } });
    const open = addresses.OPENFRAME_KAFKA_BROKERS ?? '';
    await addScramUser(open, 'openframe');
    const env = {
      ...shared,
      OPENFRAME_KAFKA_BROKERS: `127.0.0.1:${securePort}`,
      OPENFRAME_KAFKA_TLS: 'true',
      OPENFRAME_KAFKA_USERNAME: 'openframe',
      OPENFRAME_KAFKA_PASSWORD: secret,
      OPENFRAME_KAFKA_TLS_CERT_FILE: certificate.certFile,
      OPENFRAME_KAFKA_TLS_KEY_FILE: certificate.keyFile,
      NODE_EXTRA_CA_CERTS: certificate.certFile,
    };
    const topics = async (): Promise<readonly string[]> => {
      const admin = new Kafka({ brokers: [open], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const found = await admin.listTopics().finally(() => admin.disconnect());
      return found.filter((name) => name.startsWith(prefix));
    };
    const guest = {
      ...env,
      OPENFRAME_KAFKA_BROKERS: `127.0.0.1:${plainPort}`,
      OPENFRAME_KAFKA_TLS: 'false',
      OPENFRAME_KAFKA_TLS_CERT_FILE: '',
      OPENFRAME_KAFKA_TLS_KEY_FILE: '',
      OPENFRAME_KAFKA_SASL_MECHANISM: 'plain',
      OPENFRAME_KAFKA_USERNAME: 'guest',
    };
    await expectRefusal(['telemetry'], guest, /AUTHORIZATION_FAILED.*Give the user of Kafka the rights/s);
    const password = { ...env, OPENFRAME_KAFKA_PASSWORD: wrong };
    await expectRefusal(['telemetry'], password, /Correct the user, password, mechanism or TLS of Kafka/);
    const stranger = { ...env, NODE_EXTRA_CA_CERTS: '' };
    await expectRefusal(['telemetry'], stranger, /Kafka shows a certificate that is not trusted/);
    const nameless = { ...env, OPENFRAME_KAFKA_TLS_CERT_FILE: '', OPENFRAME_KAFKA_TLS_KEY_FILE: '' };
    await expectRefusal(['telemetry'], nameless, /Kafka asks .* certificate.*OPENFRAME_KAFKA_TLS_CERT_FILE/);
    expect(await topics()).toEqual([]);
    await allowLeast(open, 'least', prefix);
    await expectReady(['telemetry'], { ...guest, OPENFRAME_KAFKA_USERNAME: 'least' });
    await expectReady(['telemetry'], env);
    expect(await topics()).toContain(`${prefix}telemetry.raw.v1`);
  }, 360_000);

  it('signs in to NATS over TLS, and says what is wrong where it may not', async () => {
    const { certFile, keyFile } = await makeCertificate(stack);
    const asked = { publish: { allow: ['$JS.API.INFO'] }, subscribe: { allow: ['_INBOX.>'] } };
    const { file, key } = await makeNatsCredentials(stack);
    const users = [
      { nkey: key, permissions: rolePermissions('gateway', prefix) },
      { user: 'relay', password: secret, permissions: rolePermissions('reader', prefix) },
      { user: 'guest', password: secret, permissions: asked },
      { user: 'nobody', password: 'test', permissions: asked },
    ];
    // What finds the server ready signs in to nothing and knows no TLS.
    const more = [
      `authorization { users: ${JSON.stringify(users)} }`,
      'no_auth_user: nobody',
      `tls { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${certFile}", verify: true }`,
      'allow_non_tls: true',
    ];
    const { addresses } = await startSecured(stack, {
      only: ['nats'],
      natsSettings: { more: more.join('\n') },
    });
    const env = {
      ...shared,
      OPENFRAME_NATS_URL: (addresses.OPENFRAME_NATS_URL ?? '').replace('nats:', 'tls:'),
      OPENFRAME_NATS_MONITORING_URL: addresses.OPENFRAME_NATS_MONITORING_URL ?? '',
      OPENFRAME_NATS_USERNAME: 'relay',
      OPENFRAME_NATS_PASSWORD: secret,
      OPENFRAME_NATS_TLS_CERT_FILE: certFile,
      OPENFRAME_NATS_TLS_KEY_FILE: keyFile,
      NODE_EXTRA_CA_CERTS: certFile,
    };
    const guest = { ...env, OPENFRAME_NATS_USERNAME: 'guest' };
    await expectRefusal(
      ['relay'],
      guest,
      /the user may not publish \$JS\.API\.STREAM.*docs\/operations\.md/s,
    );
    const password = { ...env, OPENFRAME_NATS_PASSWORD: wrong };
    await expectRefusal(['relay'], password, /NATS refuses the user, its password or the token/);
    const nameless = { ...env, OPENFRAME_NATS_TLS_CERT_FILE: '', OPENFRAME_NATS_TLS_KEY_FILE: '' };
    const stranger = { ...env, NODE_EXTRA_CA_CERTS: '' };
    await expectRefusal(['relay'], stranger, /NATS at .* shows a certificate that is not trusted/);
    await expectRefusal(['relay'], nameless, /NATS at .* asks .* certificate.*OPENFRAME_NATS_TLS_CERT_FILE/);
    await expectReady(['relay'], env);
    await expectReady(['gateway'], { ...env, OPENFRAME_NATS_CREDENTIALS_FILE: file });
    const none = { ...env, OPENFRAME_NATS_CREDENTIALS_FILE: certFile };
    await expectRefusal(['gateway'], none, /credentials of NATS in .*cert\.pem cannot be used/);
  }, 240_000);

  it('signs in to Cassandra over TLS, and says what is wrong where it may not', async () => {
    const { pemFile, certFile, keyFile } = await makeCertificate(stack);
    const cassandra = (): string => `
authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
role_manager: CassandraRoleManager
client_encryption_options:
  enabled: true
  optional: true
  require_client_auth: true
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
  keystore: ${pemFile}
  truststore: ${certFile}
`;
    const { addresses } = await startSecured(stack, { only: ['cassandra'], moreSettings: { cassandra } });
    const points = addresses.OPENFRAME_CASSANDRA_CONTACT_POINTS ?? '';
    await addRoles(points, { guest: [], openframe: ['CREATE', 'ALTER', 'SELECT', 'MODIFY'] }, secret);
    const env = {
      ...shared,
      OPENFRAME_CASSANDRA_CONTACT_POINTS: points,
      OPENFRAME_CASSANDRA_TLS: 'true',
      OPENFRAME_CASSANDRA_USERNAME: 'openframe',
      OPENFRAME_CASSANDRA_PASSWORD: secret,
      OPENFRAME_CASSANDRA_TLS_CERT_FILE: certFile,
      OPENFRAME_CASSANDRA_TLS_KEY_FILE: keyFile,
      NODE_EXTRA_CA_CERTS: certFile,
    };
    const role = ['sink', '--only', 'event-log'];
    const guest = { ...env, OPENFRAME_CASSANDRA_USERNAME: 'guest' };
    await expectRefusal(role, guest, /user of Cassandra lacks a right.*Grant CREATE, ALTER/s);
    const password = { ...env, OPENFRAME_CASSANDRA_PASSWORD: wrong };
    await expectRefusal(role, password, /Cassandra did not take the user.*Check user and password/s);
    const nameless = { ...env, OPENFRAME_CASSANDRA_TLS_CERT_FILE: '', OPENFRAME_CASSANDRA_TLS_KEY_FILE: '' };
    await expectRefusal(role, nameless, /Cassandra asks .* certificate.*OPENFRAME_CASSANDRA_TLS_CERT_FILE/);
    const stranger = { ...env, NODE_EXTRA_CA_CERTS: '' };
    const elsewhere = { ...env, OPENFRAME_CASSANDRA_DATACENTER: 'elsewhere' };
    await expectRefusal(role, elsewhere, /data centre of Cassandra is named wrongly.*\[datacenter1\]/);
    await expectRefusal(role, stranger, /Cassandra shows a certificate that is not trusted/);
    expect(await keyspaces(points)).not.toContain(`${prefix}openframe`);
    await expectReady(role, env);
    expect(await keyspaces(points)).toContain(`${prefix}openframe`);
  }, 480_000);

  it('signs in to Redis, and says what is wrong where it may not', async () => {
    const redis = (): string =>
      [
        `user openframe on >${secret} ~* &* +@all`,
        `user guest on >${secret} ~* &* -@all +client +hello`,
        'user default off',
      ].join('\n');
    const { addresses } = await startSecured(stack, { only: ['redis'], moreSettings: { redis } });
    const at = (user: string, password: string) => {
      const url = new URL(addresses.OPENFRAME_REDIS_URL ?? '');
      url.username = user;
      url.password = password;
      return { ...shared, OPENFRAME_REDIS_URL: url.href };
    };
    await expectRefusal(['gateway'], at('guest', secret), /Redis at 127\.0\.0\.1:\d+ refuses.*that may/s);
    await expectRefusal(['gateway'], at('openframe', wrong), /Redis at 127\.0\.0\.1:\d+ refuses.*that may/s);
    await expectReady(['gateway'], at('openframe', secret));
  }, 240_000);

  it('shows its certificate to MongoDB and Redis over TLS, and says which of them does not trust it, or is not trusted', async () => {
    const certificate = await makeCertificate(stack);
    const { certFile, keyFile } = certificate;
    const { OPENFRAME_MONGODB_URL: mongo, OPENFRAME_REDIS_URL: redis } = engineAddresses();
    const env = {
      ...shared,
      OPENFRAME_MONGODB_URL: `mongodb://${await startTlsDoor(stack, certificate, new URL(mongo).host)}/?tls=true`,
      OPENFRAME_MONGODB_TLS_CERT_FILE: certFile,
      OPENFRAME_MONGODB_TLS_KEY_FILE: keyFile,
      OPENFRAME_REDIS_URL: `rediss://${await startTlsDoor(stack, certificate, new URL(redis).host)}`,
      OPENFRAME_REDIS_TLS_CERT_FILE: certFile,
      OPENFRAME_REDIS_TLS_KEY_FILE: keyFile,
      NODE_EXTRA_CA_CERTS: certFile,
    };
    for (const [name, url, engine] of [
      ['MongoDB', 'OPENFRAME_MONGODB_URL', 'OPENFRAME_MONGODB_TLS'],
      ['Redis', 'OPENFRAME_REDIS_URL', 'OPENFRAME_REDIS_TLS'],
    ] as const) {
      const nameless = { ...env, [`${engine}_CERT_FILE`]: '', [`${engine}_KEY_FILE`]: '' };
      await expectRefusal(['gateway'], nameless, new RegExp(`${name} at .* asks .*${engine}_CERT_FILE`));
      const stranger = { ...shared, [url]: env[url] };
      await expectRefusal(['gateway'], stranger, new RegExp(`${name} at .* shows a .* not trusted`));
    }
    await expectReady(['gateway'], env);
  }, 360_000);

  it('asks Pinot over TLS, and says that its certificate is not trusted where it is not', async () => {
    const certificate = await makeCertificate(stack);
    const door = async (url: string): Promise<string> =>
      `https://${await startTlsDoor(stack, certificate, new URL(url).host, { requestCert: false })}`;
    const { OPENFRAME_PINOT_BROKER_URL: broker, OPENFRAME_PINOT_CONTROLLER_URL: controller } =
      engineAddresses();
    const env = {
      ...shared,
      OPENFRAME_PINOT_BROKER_URL: await door(broker),
      OPENFRAME_PINOT_CONTROLLER_URL: await door(controller),
    };
    const role = ['sink', '--only', 'analytics'];
    await expectRefusal(role, env, /Pinot at .* shows a certificate that is not trusted/);
    await expectReady(role, { ...env, NODE_EXTRA_CA_CERTS: certificate.certFile });
  }, 240_000);
});
