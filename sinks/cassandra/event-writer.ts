import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import { headers } from '../../contracts/topics.ts';
import type { Clock } from '../../streams/clock.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import type { RejectedRecord, SinkBatch } from '../../streams/sink.ts';
import { completeDevices, type DeviceFacts } from './backfill.ts';
import { type PlacedEvent, readEnriched } from './enriched-record.ts';
import { EventBatches, hourBatch, type Placement } from './event-batches.ts';
import { hourMs, slotOf } from './placement.ts';
import { runBounded } from '../../streams/run-bounded.ts';
import type { CassandraSession, CqlBatch, CqlStatement } from './session.ts';
import { isSizeRefusal } from './store-fault.ts';

export interface EventWriterDeps {
  readonly session: CassandraSession;
  readonly placement: Placement;
  readonly clock: Clock;
}

/** Requests under way at once: enough to keep a node busy, and 1 MiB of batches at most in its queues. */
const concurrency = 16;
/** Device hours known to be stored. When there are more, all are forgotten and written once again. */
const rememberedHours = 100_000;

/** What one call of `write` brings, read. */
interface Gathered {
  readonly batches: EventBatches;
  readonly hours: Map<string, DeviceHour>;
  readonly backfills: Map<string, DeviceFacts>;
  readonly rejected: RejectedRecord[];
  /** Where each event came from, by its bytes: a row that the cluster refuses is named by it. */
  readonly origins: Map<Buffer, Origin>;
  readonly identities: Set<string>;
  /** Events that came again with their device; of several of one event the last one. */
  readonly repetitions: Map<string, readonly [event: PlacedEvent, value: Buffer]>;
}

/** What a record's headers say of it. */
interface Marks {
  readonly isBackfill: boolean;
  readonly completes: boolean;
}

interface DeviceHour {
  readonly batch: CqlBatch;
  readonly isLate: boolean;
}

interface Origin {
  readonly partition: number;
  readonly offset: number;
}

/** Writes records of the enriched topic, with the guarantees of `Sink.write`. */
export class EventWriter {
  readonly #deps: EventWriterDeps;
  readonly #knownHours = new Set<string>();
  #lastWriteMs = Number.NEGATIVE_INFINITY;

  constructor(deps: EventWriterDeps) {
    this.#deps = deps;
  }

  /**
   * Rows first, then what device events complete: a row of this call is complete when the call ends. Throws the
   * signal's reason when it aborts.
   */
  async write(batches: readonly SinkBatch[], signal: AbortSignal): Promise<readonly RejectedRecord[]> {
    signal.throwIfAborted();
    const gathered = this.#gather(batches);
    const { session } = this.#deps;
    await runBounded(gathered.batches.take(), concurrency, async (batch) => {
      signal.throwIfAborted();
      await this.#writeBatch(batch, gathered);
    });
    await runBounded(gathered.hours, concurrency, async ([name, { batch, isLate }]) => {
      await session.writePartition(batch);
      // Past the retention a row lives for a day from its writing: the next event of that hour renews it.
      if (!isLate) this.#knownHours.add(name);
    });
    const completion = { ...this.#deps, writtenMs: this.#lastWriteMs };
    await completeDevices(completion, gathered.backfills.values(), signal);
    return gathered.rejected;
  }

  #gather(batches: readonly SinkBatch[]): Gathered {
    const { placement, clock } = this.#deps;
    const nowMs = clock.nowMs();
    // Of two writes in one millisecond the first one's rows must stay as well.
    this.#lastWriteMs = Math.max(nowMs, this.#lastWriteMs + 1);
    if (this.#knownHours.size > rememberedHours) this.#knownHours.clear();
    const gathered: Gathered = {
      batches: new EventBatches(placement, nowMs, this.#lastWriteMs),
      hours: new Map(),
      backfills: new Map(),
      rejected: [],
      origins: new Map(),
      identities: new Set(),
      repetitions: new Map(),
    };
    const cursor = new RecordCursor();
    for (const batch of batches) {
      cursor.reset(batch.bytes);
      const isBackfill = createHeaderTest(cursor, headers.backfill);
      const completes = createHeaderTest(cursor, headers.completes);
      while (cursor.next()) {
        if (cursor.offset < batch.firstOffset || cursor.valueStart < 0) continue;
        const origin = { partition: batch.partition, offset: cursor.offset };
        this.#gatherOne(gathered, cursor, origin, { isBackfill: isBackfill(), completes: completes() });
      }
    }
    for (const [event, value] of gathered.repetitions.values()) gathered.batches.repeat(event, value);
    return gathered;
  }

  #gatherOne(gathered: Gathered, cursor: RecordCursor, origin: Origin, marks: Marks): void {
    const value = cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd);
    const event = readEnriched(value);
    if ('reason' in event) {
      gathered.rejected.push({ ...origin, ...event });
      return;
    }
    const { tenantId, deviceId } = event;
    if (marks.isBackfill && deviceId !== null) {
      gathered.backfills.set(JSON.stringify([tenantId, deviceId]), { ...event, deviceId });
    }
    const identity = `${event.eventId.toLowerCase()}/${tenantId}`;
    const isNew = !gathered.identities.has(identity);
    if (!isNew && !marks.completes) return;
    gathered.identities.add(identity);
    gathered.origins.set(value, origin);
    if (isNew) gathered.batches.add(event, value);
    else gathered.batches.addToDevice(event);
    if (marks.completes) gathered.repetitions.set(identity, [event, value]);
    if (deviceId !== null) this.#noteHour(gathered.hours, { ...event, deviceId });
  }

  #noteHour(hours: Map<string, DeviceHour>, event: PlacedEvent & { readonly deviceId: string }): void {
    const { placement, clock } = this.#deps;
    const hour = slotOf(event.eventTimeMs, hourMs);
    const name = `${hour}/${event.tenantId}/${event.deviceId}`;
    if (this.#knownHours.has(name) || hours.has(name)) return;
    const nowMs = clock.nowMs();
    const isLate = placement.longestMs !== undefined && hour * hourMs + placement.longestMs < nowMs;
    hours.set(name, { batch: hourBatch(placement, event, nowMs), isLate });
  }

  /** A batch that holds a row beyond the cluster's limits is written row by row, so that only that row is named. */
  async #writeBatch(batch: CqlBatch, gathered: Gathered): Promise<void> {
    try {
      await this.#deps.session.writePartition(batch);
    } catch (error) {
      if (!isSizeRefusal(error)) throw error;
      const [only, ...others] = batch.statements;
      if (only === undefined) return;
      if (others.length === 0) {
        gathered.rejected.push({ ...originOf(only, gathered), reason: messageOf(error), cause: error });
        return;
      }
      for (const statement of batch.statements) {
        await this.#writeBatch({ ...batch, statements: [statement] }, gathered);
      }
    }
  }
}

/** Where the record came from whose bytes a statement holds. */
function originOf(statement: CqlStatement, gathered: Gathered): Origin {
  for (const param of statement.params) {
    const origin = Buffer.isBuffer(param) ? gathered.origins.get(param) : undefined;
    if (origin !== undefined) return origin;
  }
  throw new OpenFrameError('INTERNAL', 'Cassandra refused the size of a row that holds no event.');
}

/** Tells whether the record under the cursor carries the header with the value `true`. Most buffers hold none. */
function createHeaderTest(
  cursor: RecordCursor,
  name: (typeof headers)['backfill' | 'completes'],
): () => boolean {
  let searched: Buffer | undefined;
  let mayHold = false;
  return () => {
    if (cursor.bytes !== searched) {
      searched = cursor.bytes;
      mayHold = searched.includes(name, 0, 'latin1');
    }
    return mayHold && cursor.headers()[name] === 'true';
  };
}
