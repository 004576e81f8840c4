import type { Fetched, FetchOptions, KafkaReader, PlaceOffset } from '../client.ts';
import { listOffsets } from './admin.ts';
import type { Cluster } from './cluster.ts';
import { rawConnections } from './connections.ts';
import { faultCode, isMoved, isPassing, logError, protocolError } from './faults.ts';
import { committedBatches } from './wire/committed-batches.ts';
import { decodeFetch, encodeFetch, fetchApi, type FetchedPartition } from './wire/fetch.ts';

/** What came of one partition, and for which offset that was asked. */
interface Answered {
  readonly asked: number;
  readonly fetched: Fetched;
}

/** A fetch that waits at a broker. */
interface Outstanding {
  readonly answer: Promise<void>;
  /** Set once it was answered. */
  result: { readonly found: readonly Answered[] } | { readonly fault: unknown } | undefined;
}

const minBytes = 1;
const maxPartitionBytes = 4 * 1024 * 1024;
const pauseMs = 50;

/**
 * Reads by Fetch requests of our own: the batches are views of the answer's bytes. One request waits at each broker
 * that leads a partition; what one brings does not wait for the others, which are taken up by the next call.
 */
export class FetchReader implements KafkaReader {
  readonly #cluster: Cluster;
  readonly #connections;
  readonly #outstanding = new Map<number, Outstanding>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#connections = rawConnections(cluster.options);
  }

  async fetch(from: readonly PlaceOffset[], options: FetchOptions): Promise<readonly Fetched[]> {
    if (options.signal.aborted) return [];
    if (from.length === 0) {
      await this.#cluster.options.clock.sleep(options.maxWaitMs, options.signal);
      return [];
    }
    const byLeader = await this.#cluster.persist('Looking up leaders', () => this.#cluster.byLeader(from));
    for (const [node, places] of byLeader) this.#ask(node, places, options);
    await firstOf([...this.#outstanding.values()], options.signal);
    return this.#collect(from);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections.close();
  }

  #ask(node: number, places: readonly PlaceOffset[], options: FetchOptions): void {
    if (this.#outstanding.has(node)) return;
    const asked: Outstanding = {
      result: undefined,
      answer: this.#fetchFrom(node, places, options).then(
        (found) => {
          asked.result = { found };
        },
        (fault: unknown) => {
          asked.result = { fault };
        },
      ),
    };
    this.#outstanding.set(node, asked);
  }

  async #fetchFrom(node: number, from: readonly PlaceOffset[], options: FetchOptions): Promise<Answered[]> {
    const { maxWaitMs, maxBytes } = options;
    const connection = await this.#cluster.connectIn(this.#connections, node);
    const body = encodeFetch({
      from,
      maxWaitMs,
      minBytes,
      maxBytes,
      maxPartitionBytes: Math.min(maxBytes, maxPartitionBytes),
    });
    const answer = await connection.send(fetchApi, [body]);
    const { errorCode, partitions } = decodeFetch(answer);
    if (errorCode !== 0) throw protocolError(errorCode);
    const found: Answered[] = [];
    let held = 0;
    const done = (): void => {
      if (--held === 0) connection.reuse(answer);
    };
    for (const place of from) {
      const answered = partitions.find((p) => p.topic === place.topic && p.partition === place.partition);
      const fetched = answered === undefined ? undefined : await this.#read(place, answered);
      if (fetched === undefined) continue;
      if (fetched.batches.length > 0) held++;
      found.push({
        asked: place.offset,
        fetched: fetched.batches.length > 0 ? { ...fetched, done } : fetched,
      });
    }
    return found;
  }

  async #read(place: PlaceOffset, answered: FetchedPartition): Promise<Fetched | undefined> {
    const { topic, partition, offset } = place;
    if (answered.errorCode === faultCode.offsetOutOfRange) return this.#withinRange(place);
    if (answered.errorCode !== 0) {
      const fault = protocolError(answered.errorCode);
      if (!isMoved(fault)) throw fault;
      this.#cluster.forgetMoved(fault);
      return undefined;
    }
    const { batches, nextOffset = offset } = committedBatches(answered.records, answered.aborted, offset);
    if (batches.length === 0 && nextOffset <= offset) return undefined;
    return { topic, partition, batches, nextOffset: Math.max(nextOffset, offset) };
  }

  /** Retention took what was asked for, or the log was cut below it. */
  async #withinRange({ topic, partition, offset }: PlaceOffset): Promise<Fetched | undefined> {
    for (const which of ['earliest', 'latest'] as const) {
      const [end] = await listOffsets(this.#cluster, [{ topic, partition }], which);
      if (end === undefined) continue;
      const isOutside = which === 'earliest' ? offset < end.offset : offset > end.offset;
      if (isOutside) return { topic, partition, batches: [], nextOffset: end.offset };
    }
    return undefined;
  }

  /** What was answered, as far as it continues where the caller stands. */
  async #collect(from: readonly PlaceOffset[]): Promise<readonly Fetched[]> {
    const found: Answered[] = [];
    const faults: unknown[] = [];
    for (const [node, { result }] of this.#outstanding) {
      if (result === undefined) continue;
      this.#outstanding.delete(node);
      if ('fault' in result) faults.push(result.fault);
      else found.push(...result.found);
    }
    for (const fault of faults) {
      if (!isPassing(fault)) throw logError(fault, 'Fetching');
      this.#cluster.forgetMoved(fault);
    }
    if (faults.length > 0 && found.length === 0) {
      if (this.#outstanding.size === 0) throw logError(faults[0], 'Fetching');
      await this.#cluster.options.clock.sleep(pauseMs);
    }
    return from.flatMap((place) => found.find((each) => continues(each, place))?.fetched ?? []);
  }
}

/** False for what was asked before the reader went to another offset. */
function continues({ asked, fetched }: Answered, place: PlaceOffset): boolean {
  return fetched.topic === place.topic && fetched.partition === place.partition && asked === place.offset;
}

async function firstOf(outstanding: readonly Outstanding[], signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let onAbort = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  await Promise.race([aborted, ...outstanding.map(({ answer }) => answer)]);
  signal.removeEventListener('abort', onAbort);
}
