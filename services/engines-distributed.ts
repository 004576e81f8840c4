import { randomInt } from 'node:crypto';

import { OpenFrameError } from '../contracts/errors.ts';
import { createCassandraEventLog } from '../sinks/cassandra/event-log.ts';
import type { EventLog } from '../sinks/event-log.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { engineAddresses } from './engine-checks.ts';
import type { EngineName, Engines } from './engines.ts';
import type { Settings } from './settings.ts';

/** Who opens the engines: names the connections on the servers. */
export interface EngineUser {
  readonly clock: Clock;
  readonly role: string;
}

const dayMs = 86_400_000;

/** The real engines that the settings name. */
export function distributedEngines(settings: Settings, user: EngineUser): Engines {
  const where = (name: EngineName): string => {
    const servers = engineAddresses(settings).filter(({ engine }) => engine === name);
    return servers.map(({ product, nodes }) => `${product} at ${nodes.join(', ')}`).join(', ');
  };
  const missing = (name: EngineName): Promise<never> =>
    Promise.reject(new OpenFrameError('INTERNAL', `${where(name)} has no adapter.`));
  return {
    where,
    messaging: () => missing('messaging'),
    log: () => missing('log'),
    eventLog: () => openCassandra(settings, user),
    analytics: () => missing('analytics'),
    documents: () => missing('documents'),
    cache: () => missing('cache'),
  };
}

function openCassandra(settings: Settings, { clock }: EngineUser): Promise<EventLog> {
  const { OPENFRAME_CASSANDRA_USERNAME: username, OPENFRAME_CASSANDRA_PASSWORD: password } = settings;
  return createCassandraEventLog({
    contactPoints: settings.OPENFRAME_CASSANDRA_CONTACT_POINTS,
    datacenter: settings.OPENFRAME_CASSANDRA_DATACENTER,
    ...(username === undefined ? {} : { credentials: { username, password: password ?? '' } }),
    tls: settings.OPENFRAME_CASSANDRA_TLS,
    keyspace: settings.OPENFRAME_NAME_PREFIX + settings.OPENFRAME_CASSANDRA_KEYSPACE,
    replicationFactor: settings.OPENFRAME_CASSANDRA_REPLICATION,
    retentionMs: settings.OPENFRAME_RETENTION_DAYS * dayMs,
    clock,
    random: createRandom(randomInt(2 ** 32)),
  });
}
