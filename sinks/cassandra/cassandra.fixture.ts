import { randomBytes } from 'node:crypto';

import type { EventSinkSubject } from '../../conformance/event-sinks.ts';
import { createManualClock, createSystemClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { engineAddresses } from '../../tests/engines/engine-addresses.ts';
import type { EventLog } from '../event-log.ts';
import { type CassandraEventLogOptions, createCassandraEventLog } from './event-log.ts';
import { type CassandraConnection, CassandraSession } from './session.ts';

const dayMs = 86_400_000;

export function connectionOfRun(): CassandraConnection {
  const contactPoints = engineAddresses().OPENFRAME_CASSANDRA_CONTACT_POINTS.split(',');
  return { contactPoints, datacenter: 'datacenter1' };
}

/** A keyspace of its own, dropped in the end. */
export async function createKeyspace(): Promise<
  { keyspace: string; session: CassandraSession } & AsyncDisposable
> {
  const keyspace = `test_${randomBytes(8).toString('hex')}`;
  const session = await CassandraSession.connect(connectionOfRun());
  return {
    keyspace,
    session,
    async [Symbol.asyncDispose]() {
      await session.executeOnce(`DROP KEYSPACE IF EXISTS ${keyspace}`);
      await session[Symbol.asyncDispose]();
    },
  };
}

/** Options for a log in this keyspace, on the machine's clock. */
export function optionsFor(keyspace: string): CassandraEventLogOptions {
  const random = createRandom(randomBytes(4).readUInt32BE());
  return { ...connectionOfRun(), keyspace, clock: createSystemClock(), random };
}

/** An event log as the conformance suite takes it. */
export async function createEventStore(): Promise<EventSinkSubject<EventLog>> {
  await using opening = new AsyncDisposableStack();
  const { keyspace } = opening.use(await createKeyspace());
  // Making the tables may have to wait, which nobody's advancing of the manual clock would end.
  await (await createCassandraEventLog(optionsFor(keyspace)))[Symbol.asyncDispose]();
  const clock = createManualClock(Date.UTC(2026, 2, 1));
  const options = { ...optionsFor(keyspace), clock, retentionMs: 400 * dayMs };
  const store = opening.use(await createCassandraEventLog(options));
  const opened = opening.move();
  const open = async (): Promise<EventLog> => opened.use(await createCassandraEventLog(options));
  return {
    store,
    clock,
    async reopen() {
      await store[Symbol.asyncDispose]();
      return open();
    },
    afterKill: open,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
