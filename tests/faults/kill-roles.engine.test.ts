import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createKafkaLog } from '../../brokers/kafka/log.ts';
import { createPlatformaticClient } from '../../brokers/kafka/platformatic/client.ts';
import { RoleChild } from '../../services/role-child.ts';
import { Backoff } from '../../streams/backoff.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { engineAddresses } from '../engines/engine-addresses.ts';
import { removeDeployment } from '../platform/remove-deployment.fixture.ts';
import { cassandraRows } from './cassandra-rows.ts';
import { enrichedOrder } from './enriched-order.ts';
import { Fleet } from './fleet.ts';
import { Ledger, type Verdict } from './ledger.ts';
import { createRawProducer } from './raw-producer.ts';

const cli = fileURLToPath(new URL('../../cli/openframe.ts', import.meta.url));
const seed = 20261124;
const partitions = 2;
const events = 24_000;
const bodyEvents = 200;
const kills = ['telemetry', 'sink', 'telemetry', 'telemetry', 'sink', 'telemetry'] as const;
const clock = createSystemClock();
const brokers = engineAddresses().OPENFRAME_KAFKA_BROKERS.split(',');
const contactPoints = engineAddresses().OPENFRAME_CASSANDRA_CONTACT_POINTS.split(',');

let resources: AsyncDisposableStack;
let prefix: string;

beforeEach(() => {
  resources = new AsyncDisposableStack();
  prefix = `f${randomBytes(6).toString('hex')}_`;
  resources.defer(() => removeDeployment(engineAddresses(), prefix));
});

afterEach(() => resources.disposeAsync());

/** A role as `openframe up` starts it, ended with the test. */
async function startRole(role: string, args: readonly string[]): Promise<RoleChild> {
  const child = new RoleChild({
    name: role,
    program: cli,
    args: ['service', role, ...args],
    env: {
      ...engineAddresses(),
      OPENFRAME_NAME_PREFIX: prefix,
      OPENFRAME_PARTITIONS: String(partitions),
      OPENFRAME_INSTANCE: role,
      OPENFRAME_LOG_LEVEL: 'error',
    },
    port: 0,
    backoff: new Backoff({ initialMs: 10, maxMs: 100 }, clock, createRandom(seed)),
    drainMs: 20_000,
    onRemark: () => undefined,
  });
  resources.defer(() => child.stop());
  await child.ready;
  return child;
}

describe('kill -9 of telemetry and sink, seen from outside of the platform', () => {
  it('loses, doubles, alters and reorders nothing between the raw topic and Cassandra', async () => {
    const random = createRandom(seed);
    const roles = {
      telemetry: await startRole('telemetry', []),
      sink: await startRole('sink', ['--only', 'event-log']),
    };
    const fleet = new Fleet({ seed, tenants: 3, devices: 60 });
    const ledger = new Ledger();
    const nowMs = (): number => clock.nowMs();
    await using producer = await createRawProducer({ brokers, prefix, partitions, nowMs });
    let sentAll = false;
    const send = async (): Promise<void> => {
      for (let sent = 0; sent < events; sent += bodyEvents) {
        const body = Array.from({ length: bodyEvents }, (_, i) => {
          const device = fleet.devices[(sent + i) % fleet.devices.length];
          if (device === undefined) throw new Error('a fleet without devices');
          return fleet.next(device, clock.nowMs());
        });
        for (const event of body) ledger.sent(event);
        await producer.send(body);
        // One event of ten once more, behind the others: what a relay does that died before its ack.
        await producer.send(body.filter((_, i) => i % 10 === 0));
        for (const event of body) ledger.accepted(event);
        await pause(random.below(300));
      }
      sentAll = true;
    };
    const sending = send();
    let done = 0;
    for (const role of kills) {
      await pause(500 + random.below(3_000));
      const { pid } = roles[role];
      if (pid === undefined || sentAll) break;
      process.kill(pid, 'SIGKILL');
      done++;
    }
    await sending;
    expect(done, 'kills under load').toBe(kills.length);

    const verdict = await storedVerdict(ledger);
    expect(verdict, `seed ${seed}`).toMatchObject({
      accepted: events,
      rows: events,
      lost: 0,
      duplicated: 0,
      altered: 0,
      foreign: 0,
    });
    const client = await createPlatformaticClient({
      brokers,
      clientId: 'faults',
      requestTimeoutMs: 10_000,
      clock,
    });
    await using log = await createKafkaLog({ client, clock, instance: 'faults', prefix });
    expect(await enrichedOrder(log, partitions)).toEqual({ records: events, repeated: 0, reordered: 0 });
  }, 240_000);
});

/** The comparison once every accepted event is there, or nothing came for a while. */
async function storedVerdict(ledger: Ledger): Promise<Verdict> {
  let verdict = await ledger.compare(cassandraRows(contactPoints, `${prefix}openframe`));
  for (let idle = 0; verdict.lost > 0 && idle < 60;) {
    await pause(1_000);
    const next = await ledger.compare(cassandraRows(contactPoints, `${prefix}openframe`));
    idle = next.rows > verdict.rows ? 0 : idle + 1;
    verdict = next;
  }
  return verdict;
}
