import { auth, Client } from 'cassandra-driver';

import { eventStatements } from '../../sinks/cassandra/schema.ts';
import { certified } from '../../services/client-certificates.ts';
import type { Settings } from '../../services/settings.ts';

/** The driver as it comes, beside the product's own session. */
export interface BareCassandra extends AsyncDisposable {
  readonly client: Client;
}

export async function bareCassandra(settings: Settings): Promise<BareCassandra> {
  const { OPENFRAME_CASSANDRA_USERNAME: username, OPENFRAME_CASSANDRA_PASSWORD: password = '' } = settings;
  const client = new Client({
    contactPoints: settings.OPENFRAME_CASSANDRA_CONTACT_POINTS,
    localDataCenter: settings.OPENFRAME_CASSANDRA_DATACENTER,
    ...(username === undefined ? {} : { authProvider: new auth.PlainTextAuthProvider(username, password) }),
    ...(settings.OPENFRAME_CASSANDRA_TLS
      ? { sslOptions: certified(settings, 'CASSANDRA').certificate ?? {} }
      : {}),
    encoding: { useUndefinedAsUnset: true, useBigIntAsLong: true },
    socketOptions: { readTimeout: 60_000 },
  });
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.shutdown() };
}

/** The read of one event by its id, put to Cassandra without the product. */
export function readDirectly({ client }: BareCassandra, keyspace: string, eventId: string) {
  return client.execute(eventStatements(keyspace).eventById, [eventId], { prepare: true });
}

/** As text: the statement with Cassandra's trace of it, an activity a line. */
export async function traceOf({ client }: BareCassandra, keyspace: string, eventId: string): Promise<string> {
  const query = eventStatements(keyspace).eventById;
  const { info, rowLength } = await client.execute(query, [eventId], { prepare: true, traceQuery: true });
  const { duration, events } = await client.metadata.getTrace(info.traceId);
  const activities = events.map(({ activity, elapsed }) => `  ${String(elapsed)} us  ${String(activity)}`);
  return `${query}\n  ${rowLength} rows; ${duration} us\n${activities.join('\n')}\n`;
}
