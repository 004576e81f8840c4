import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Random } from '../../streams/random.ts';
import type { EventLog } from '../event-log.ts';
import { deleteBefore } from './delete-before.ts';
import type { Placement } from './event-batches.ts';
import { readEvent, readEventIds, readStoredAtMs } from './event-reader.ts';
import { EventWriter } from './event-writer.ts';
import { openSchema } from './migrate.ts';
import { compactionWindowDays, slotWidths } from './placement.ts';
import { eventStatements } from './schema.ts';
import { type CassandraConnection, CassandraSession } from './session.ts';

export interface CassandraEventLogOptions extends CassandraConnection {
  /** Created where it is missing. */
  readonly keyspace: string;
  /** Copies of each row in the data centre, for a keyspace that is created. Default 1; 3 in a cluster. */
  readonly replicationFactor?: number;
  /** The whole replication of a keyspace that is created, for several data centres: overrides the factor. */
  readonly replication?: Readonly<Record<string, string | number>>;
  /** How long events are kept, from their own time on. Left out: for ever. */
  readonly retentionMs?: number;
  /** Unified types that are kept for a time of their own. Without `retentionMs` all are kept for ever. */
  readonly kept?: { readonly eventTypes: readonly string[]; readonly retentionMs: number };
  /**
   * What the busiest tenant may send, of which the width of partitions follows (`slotWidths`). Counts when the
   * tables are made; an existing keyspace keeps its own. Default 10,000,000.
   */
  readonly tenantBytesPerSecond?: number;
  /** Says when a row was written, and so how long it has to live. */
  readonly clock: Clock;
  /** Tells this starter from others that start at the same time. */
  readonly random: Random;
}

const defaultTenantBytesPerSecond = 10_000_000;

/**
 * The event log in Apache Cassandra 5, which many processes may have open. Makes or migrates its tables first.
 * Throws `STORE_UNAVAILABLE` (retryable), `CONFIGURATION_INVALID` or `DATA_FOLDER_TOO_NEW`; nothing is open then.
 */
export async function createCassandraEventLog(options: CassandraEventLogOptions): Promise<EventLog> {
  const { retentionMs, clock } = options;
  const asked = options.tenantBytesPerSecond ?? defaultTenantBytesPerSecond;
  slotWidths(asked);
  await using opening = new AsyncDisposableStack();
  const session = opening.use(await CassandraSession.connect(options));
  const tenantBytesPerSecond = await openSchema(session, {
    ...options,
    replicationFactor: options.replicationFactor ?? 1,
    compactionWindowDays: compactionWindowDays(retentionMs),
    tenantBytesPerSecond: asked,
  });
  const statements = eventStatements(options.keyspace);
  const widths = slotWidths(tenantBytesPerSecond);
  const placement: Placement = { statements, widths, ...retentions(options) };
  const writer = new EventWriter({ session, placement, clock });
  const owned = opening.move();
  return {
    name: 'event-log',
    write: (batches, signal) => writer.write(batches, signal),
    event: (scope, eventId) => readEvent(session, statements, scope, eventId),
    storedAtMs: (scope, eventId) => readStoredAtMs(session, statements, scope, eventId),
    eventIds: () => readEventIds(session, statements),
    async deleteBefore(eventTimeMs, except = []) {
      if (except.length > 0) throw cannotLeaveOut();
      // What is as old as the retention has expired by itself.
      if (retentionMs !== undefined && eventTimeMs <= clock.nowMs() - retentionMs) return;
      await deleteBefore(session, placement, eventTimeMs);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function retentions({
  retentionMs,
  kept,
}: CassandraEventLogOptions): Pick<Placement, 'retentionMs' | 'longestMs' | 'retentionOf'> {
  const types = new Set(kept?.eventTypes);
  const keptMs = retentionMs === undefined ? undefined : (kept?.retentionMs ?? retentionMs);
  return {
    retentionMs,
    longestMs: retentionMs === undefined || keptMs === undefined ? undefined : Math.max(retentionMs, keptMs),
    retentionOf: (eventType) => (types.has(eventType) ? keptMs : retentionMs),
  };
}

function cannotLeaveOut(): OpenFrameError {
  return new OpenFrameError(
    'ARGUMENT_INVALID',
    'Cassandra gives each row a time to live by its type and deletes whole partitions: leave no type out.',
  );
}
