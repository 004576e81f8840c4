import { execFile } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nkeys } from '@nats-io/transport-node';
import { alterUserScramCredentialsV0, Connection } from '@platformatic/kafka';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';

import type { EngineOptions } from '../../engines/options.ts';
import { startEngines } from '../../engines/start-engines.ts';
import { RoleChild } from '../../services/role-child.ts';
import { Backoff } from '../../streams/backoff.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { engineTools } from '../engines/engine-addresses.ts';
import { runCli } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../cli/openframe.ts', import.meta.url));
const endsWithinMs = 90_000;

/** What every user of these tests signs in with; it must stand in no message. */
export const secret = 'never-to-be-read-in-a-log';

export interface Certificate {
  /** The certificate, which signs itself, and its key behind it, as PEM. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly pemFile: string;
}

/** A certificate of 127.0.0.1. A process that is to trust it gets `NODE_EXTRA_CA_CERTS`. */
export async function makeCertificate(stack: AsyncDisposableStack): Promise<Certificate> {
  const { path } = stack.use(await createTempFolder());
  const file = (name: string): string => join(path, name);
  const [certFile, keyFile] = [file('cert.pem'), file('key.pem')];
  const pemFile = file('both.pem');
  const what = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const where = ['-keyout', keyFile, '-out', certFile];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...what, ...where]);
  await writeFile(pemFile, `${await readFile(keyFile, 'utf8')}${await readFile(certFile, 'utf8')}`);
  return { certFile, keyFile, pemFile };
}

/** A user's file of credentials, and the public key that the server knows it by. Only its seed signs; the JWT is none. */
export async function makeNatsCredentials(stack: AsyncDisposableStack) {
  const { path } = stack.use(await createTempFolder());
  const user = nkeys.createUser();
  const seed = Buffer.from(user.getSeed()).toString();
  const part = (name: string, text: string): string =>
    `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
  const file = join(path, 'gateway.creds');
  await writeFile(file, `${part('NATS USER JWT', 'e30.e30.e30')}\n${part('USER NKEY SEED', seed)}`);
  return { file, key: user.getPublicKey() };
}

/**
 * TLS before a server of loopback that knows none, for clients alone that show the certificate where it is requested.
 * Resolves to where it answers, `host:port` as `server` is.
 */
export async function startTlsDoor(
  stack: AsyncDisposableStack,
  { certFile, keyFile }: Certificate,
  server: string,
  { requestCert } = { requestCert: true },
): Promise<string> {
  const { hostname, port } = new URL(`tcp://${server}`);
  const [cert, key] = [await readFile(certFile), await readFile(keyFile)];
  const door = createServer({ cert, key, ca: cert, requestCert }, (client) => {
    const upstream = connect(Number(port), hostname);
    // Either side may go at any time; the other goes with it.
    pipeline(client, upstream, client).catch(() => undefined);
  });
  stack.defer(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return `127.0.0.1:${(door.address() as AddressInfo).port}`;
}

/** Engines of the test's own, gone with the stack. */
export async function startSecured(
  stack: AsyncDisposableStack,
  options: Pick<EngineOptions, 'only' | 'natsSettings' | 'moreSettings'>,
) {
  const { path: dataDir } = stack.use(await createTempFolder());
  const clock = createSystemClock();
  const engines = await startEngines({ ...engineTools(), ...options, dataDir, clock, ports: 'free' });
  return stack.use(engines);
}

/** Starts a role and resolves when it is ready; ends it again. Rejects with what kept it from starting. */
export async function expectReady(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const clock = createSystemClock();
  const child = new RoleChild({
    name: args[0] ?? '',
    program: cli,
    args: ['service', ...args],
    env,
    port: 0,
    backoff: new Backoff({ initialMs: 100, maxMs: 100 }, clock, createRandom(1)),
    drainMs: 20_000,
    onRemark: () => undefined,
  });
  try {
    await child.ready;
  } finally {
    await child.stop();
  }
}

/** Starts a role that cannot start; resolves to its exit code and what it said. */
export async function refusalOf(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const { code, stdout, stderr } = await runCli(['service', ...args, '--port', '0'], env, endsWithinMs);
  return { code, said: stdout + stderr };
}

/** Gives a user of Kafka what docs/operations.md says that it needs, on names with the prefix, and nothing else. */
export async function allowLeast(broker: string, user: string, prefix: string): Promise<void> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  const { CREATE, DESCRIBE, READ, WRITE, DESCRIBE_CONFIGS, ALTER_CONFIGS } = AclOperationTypes;
  const { TOPIC, GROUP, TRANSACTIONAL_ID } = AclResourceTypes;
  const rights = [
    [TOPIC, [CREATE, DESCRIBE, READ, WRITE, DESCRIBE_CONFIGS, ALTER_CONFIGS]],
    [GROUP, [READ, DESCRIBE]],
    [TRANSACTIONAL_ID, [WRITE, DESCRIBE]],
  ] as const;
  const acl = rights.flatMap(([resourceType, operations]) =>
    operations.map((operation) => ({
      resourceType,
      operation,
      resourceName: prefix,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      principal: `User:${user}`,
      host: '*',
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
  await admin.connect();
  await admin.createAcls({ acl }).finally(() => admin.disconnect());
}

/** Makes a user of SCRAM-SHA-512 on a broker that lets us in without signing in (KIP-554). */
export async function addScramUser(broker: string, name: string): Promise<void> {
  const [host = '', port = ''] = broker.split(':');
  const salt = randomBytes(16);
  const iterations = 4096;
  const saltedPassword = pbkdf2Sync(secret, salt, iterations, 64, 'sha512');
  const connection = new Connection('openframe-test');
  await connection.connect(host, Number(port));
  try {
    const sha512 = 2;
    const user = { name, mechanism: sha512, iterations, salt, saltedPassword };
    await alterUserScramCredentialsV0.api.async(connection, [], [user]);
  } finally {
    await connection.close();
  }
}
