import { concurrent, type Client, types } from 'cassandra-driver';

import { distributedEngines } from '../../services/engines-distributed.ts';
import type { Settings } from '../../services/settings.ts';
import { readEnriched } from '../../sinks/cassandra/enriched-record.ts';
import { EventBatches, type Placement } from '../../sinks/cassandra/event-batches.ts';
import { slotWidths } from '../../sinks/cassandra/placement.ts';
import { eventStatements } from '../../sinks/cassandra/schema.ts';
import type { CqlBatch, CqlStatement } from '../../sinks/cassandra/session.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { runBounded } from '../../streams/run-bounded.ts';
import type { SinkBatch } from '../../streams/sink.ts';
import { bareCassandra } from './cassandra-statements.ts';
import type { EventSource } from './stored-events.ts';

/** Events a second, by who wrote them. */
export interface WriteRates {
  /** `EventLog.write`, from the enriched topic's bytes on. */
  readonly sink: number;
  /** The driver, given the sink's own mutations, made before. */
  readonly sameMutations: number;
  /** The driver, given one row after the other. */
  readonly rowByRow: number;
}

/** What the role `sink` writes at once, and how many of its requests are under way. */
const recordsPerWrite = 5000;
const requestsUnderWay = 16;
const rowsUnderWay = 512;
/** The usual one; the fill's keyspace was made by it. */
const tenantBytesPerSecond = 10_000_000;
const retentionMs = 30 * 86_400_000;

/** Writes `count` new events a round each way, in turns that begin with another one each round. */
export async function sinkAndDriver(
  settings: Settings,
  keyspace: string,
  {
    source,
    count,
    rounds,
  }: { readonly source: EventSource; readonly count: number; readonly rounds: number },
): Promise<readonly WriteRates[]> {
  await using sink = await distributedEngines(settings, {
    clock: createSystemClock(),
    role: 'bench',
  }).eventLog();
  await using bare = await bareCassandra(settings);
  const { signal } = new AbortController();
  const ways: Readonly<Record<keyof WriteRates, (batches: readonly SinkBatch[]) => Promise<number>>> = {
    sink: (batches) =>
      timed(async () => {
        for (const batch of batches) await sink.write([batch], signal);
      }),
    async sameMutations(batches) {
      const mutations = mutationsOf(batches, keyspace);
      return timed(() =>
        runBounded(mutations, requestsUnderWay, (mutation) => writeBatch(bare.client, mutation)),
      );
    },
    async rowByRow(batches) {
      const rows = mutationsOf(batches, keyspace).flatMap(({ statements }) => statements.map(rowOf));
      return timed(() => concurrent.executeConcurrent(bare.client, rows, { concurrencyLevel: rowsUnderWay }));
    },
  };
  const names = Object.keys(ways) as (keyof WriteRates)[];
  const rates: WriteRates[] = [];
  for (let round = 0; round < rounds; round++) {
    const found = { sink: 0, sameMutations: 0, rowByRow: 0 };
    for (const [turn] of names.entries()) {
      const name = names[(turn + round) % names.length] ?? 'sink';
      found[name] = Math.round(count / (await ways[name](batchesOf(source, count))));
    }
    rates.push(found);
  }
  return rates;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

/** Of the minute before: of a few partitions, as a live stream is. */
function batchesOf(source: EventSource, count: number): readonly SinkBatch[] {
  const endMs = Date.now();
  const startMs = endMs - 60_000;
  const batches: SinkBatch[] = [];
  for (let done = 0; done < count; done += recordsPerWrite) {
    const size = Math.min(recordsPerWrite, count - done);
    const at = (events: number): number => startMs + ((endMs - startMs) * events) / count;
    batches.push(source.batch(size, at(done), at(done + size)));
  }
  return batches;
}

function mutationsOf(batches: readonly SinkBatch[], keyspace: string): readonly CqlBatch[] {
  const placement: Placement = {
    statements: eventStatements(keyspace),
    widths: slotWidths(tenantBytesPerSecond),
    retentionMs,
    longestMs: retentionMs,
    retentionOf: () => retentionMs,
  };
  const nowMs = Date.now();
  return batches.flatMap((batch) => {
    const gathered = new EventBatches(placement, nowMs, nowMs);
    const cursor = new RecordCursor();
    cursor.reset(batch.bytes);
    while (cursor.next()) {
      const value = cursor.value();
      const event = value === null ? null : readEnriched(value);
      if (value === null || event === null || 'reason' in event) throw new Error('a made event is none');
      gathered.add(event, value);
    }
    return gathered.take();
  });
}

const rowOf = ({ query, params }: CqlStatement) => ({ query, params: [...params] });

async function writeBatch(client: Client, { timestamp, statements }: CqlBatch): Promise<void> {
  await client.batch(statements.map(rowOf), {
    prepare: true,
    logged: false,
    timestamp: types.Long.fromString(timestamp.toString()),
  });
}
