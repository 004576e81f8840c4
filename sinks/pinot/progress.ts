import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import { unavailable } from './answer.ts';
import type { PinotClient } from './client.ts';
import { type TableKind, tableName } from './tables.ts';

/** By partition: the offset of the record that is read next. All before it can be asked for. */
export type Offsets = ReadonlyMap<number, number>;

const consumingSchema = z.object({
  _segmentToConsumingInfoMap: z.record(
    z.string(),
    z.array(z.object({ partitionToOffsetMap: z.record(z.string(), z.string()) })),
  ),
});

const shortestPauseMs = 50;
const longestPauseMs = 250;
/** Pinot that reads nothing for so long is away: it may be starting, or reading again what a killed server had. */
const patienceMs = 30_000;

/** How far Pinot has read each topic, from its controller, which asks the servers. */
export class PinotProgress {
  readonly #client: PinotClient;
  readonly #prefix: string;
  readonly #clock: Clock;

  constructor(client: PinotClient, prefix: string, clock: Clock) {
    this.#client = client;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  /** Partitions that no server reads at this moment are left out; of several copies the one that is behind counts. */
  async of(table: TableKind): Promise<Offsets> {
    const name = tableName(this.#prefix, table);
    const answer = await this.#client.controller('get', `/tables/${name}_REALTIME/consumingSegmentsInfo`);
    const parsed = consumingSchema.safeParse(answer);
    if (!parsed.success) throw unavailable(`it does not say how far ${name} is`, answer);
    const offsets = new Map<number, number>();
    for (const copies of Object.values(parsed.data._segmentToConsumingInfoMap)) {
      for (const { partitionToOffsetMap } of copies) {
        for (const [partition, text] of Object.entries(partitionToOffsetMap)) {
          const offset = Number(text);
          if (!Number.isSafeInteger(offset)) continue;
          offsets.set(Number(partition), Math.min(offset, offsets.get(Number(partition)) ?? Infinity));
        }
      }
    }
    return offsets;
  }

  /** Resolves when all records below these offsets can be asked for. Throws a retryable `STORE_UNAVAILABLE`. */
  async reach(table: TableKind, wanted: Offsets, signal: AbortSignal): Promise<void> {
    // Each question goes through the controller to every server.
    if (wanted.size === 0) return;
    let pauseMs = shortestPauseMs;
    let before = -1;
    let movedAtMs = this.#clock.nowMs();
    for (;;) {
      signal.throwIfAborted();
      const offsets = await this.of(table);
      const missing = [...wanted].filter(([partition, offset]) => (offsets.get(partition) ?? -1) < offset);
      if (missing.length === 0) return;
      const read = [...wanted.keys()].reduce((sum, partition) => sum + (offsets.get(partition) ?? 0), 0);
      if (read > before) movedAtMs = this.#clock.nowMs();
      before = read;
      if (this.#clock.nowMs() - movedAtMs >= patienceMs)
        throw notRead(tableName(this.#prefix, table), missing);
      await this.#clock.sleep(pauseMs);
      pauseMs = Math.min(longestPauseMs, pauseMs * 1.5);
    }
  }
}

function notRead(table: string, missing: readonly (readonly [number, number])[]): OpenFrameError {
  const places = missing
    .map(([partition, offset]) => `offset ${offset} of partition ${partition}`)
    .join(', ');
  return new OpenFrameError(
    'STORE_UNAVAILABLE',
    `Pinot's table ${table} has not read ${places}: see whether its server runs and reaches Kafka.`,
    { retryable: true, details: { table } },
  );
}
