import { setTimeout as pause } from 'node:timers/promises';
import { auth, Client } from 'cassandra-driver';

/** The role that a cluster begins with, and its password. */
const first = 'cassandra';
const untilMs = 60_000;

async function asFirst<T>(contactPoint: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    authProvider: new auth.PlainTextAuthProvider(first, first),
  });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.shutdown();
  }
}

/** Makes roles that may do so much in all keyspaces. The cluster's first role comes some seconds after its start. */
export async function addRoles(
  contactPoint: string,
  roles: Readonly<Record<string, readonly string[]>>,
  password: string,
): Promise<void> {
  const make = (client: Client): Promise<void> => makeRoles(client, roles, password);
  for (const startedMs = performance.now(); ;) {
    try {
      return await asFirst(contactPoint, make);
    } catch (error) {
      if (performance.now() - startedMs > untilMs) throw error;
      await pause(500);
    }
  }
}

async function makeRoles(
  client: Client,
  roles: Readonly<Record<string, readonly string[]>>,
  password: string,
): Promise<void> {
  for (const [role, rights] of Object.entries(roles)) {
    await client.execute(`CREATE ROLE IF NOT EXISTS ${role} WITH PASSWORD = '${password}' AND LOGIN = true`);
    for (const right of rights) await client.execute(`GRANT ${right} ON ALL KEYSPACES TO ${role}`);
  }
}

export function keyspaces(contactPoint: string): Promise<readonly string[]> {
  return asFirst(contactPoint, async (client) => {
    const { rows } = await client.execute('SELECT keyspace_name FROM system_schema.keyspaces');
    return rows.map((row) => String(row['keyspace_name']));
  });
}
