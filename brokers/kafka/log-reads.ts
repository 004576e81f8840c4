import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import { baseOffset, maxTimestampMs, offsetSpan } from '../../streams/record-batch.ts';
import type { Fetched, KafkaClient, KafkaReader, Place } from './client.ts';

export interface LogReadsDeps {
  readonly client: KafkaClient;
  readonly clock: Clock;
  /** Gives up after so long without any progress. */
  readonly timeoutMs: number;
}

const pageBytes = 4 * 1024 * 1024;
const waitMs = 500;

/** Reading outside groups: pages, whole partitions, the time of a batch. */
export class LogReads {
  readonly #deps: LogReadsDeps;
  #shared: KafkaReader | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: LogReadsDeps) {
    this.#deps = deps;
  }

  async endOffset(place: Place): Promise<number> {
    const [end] = await this.#deps.client.offsets([place], 'latest');
    return end?.offset ?? 0;
  }

  async page(place: Place, fromOffset: number, maxBytes: number): Promise<readonly Buffer[]> {
    const end = await this.endOffset(place);
    return this.#inTurn(async (reader) => {
      const { batches } = await this.#next(reader, place, fromOffset, end, maxBytes);
      let bytes = 0;
      const fits = batches.findIndex((batch, i) => (bytes += batch.length) > maxBytes && i > 0);
      return fits < 0 ? batches : batches.slice(0, fits);
    });
  }

  /**
   * The committed batches of all that is written now. Transactions that are not decided yet are waited for: the
   * last commit of a partition's former owner may be answered, and its marker not be written yet.
   */
  async *all(place: Place, fromOffset: number): AsyncGenerator<Buffer> {
    const [written] = await this.#deps.client.offsets([place], 'written');
    const end = written?.offset ?? 0;
    await using reader = this.#deps.client.reader();
    for (let from = fromOffset; from < end;) {
      const { batches, nextOffset } = await this.#next(reader, place, from, end, pageBytes);
      yield* batches;
      from = nextOffset;
    }
  }

  async appendedAtMs(place: Place, offset: number): Promise<number | null> {
    const [batch] = await this.page(place, offset, 1);
    if (batch === undefined) return null;
    const first = baseOffset(batch);
    return first <= offset && offset < first + offsetSpan(batch) ? maxTimestampMs(batch) : null;
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => {});
    await this.#shared?.[Symbol.asyncDispose]();
  }

  /** The next records from an offset on; nothing only where there are none below `end`. */
  async #next(reader: KafkaReader, place: Place, fromOffset: number, end: number, maxBytes: number) {
    const { clock, timeoutMs } = this.#deps;
    const { signal } = new AbortController();
    const endsAtMs = clock.nowMs() + timeoutMs;
    let from = fromOffset;
    while (from < end) {
      const [found]: readonly (Fetched | undefined)[] = await reader.fetch([{ ...place, offset: from }], {
        maxWaitMs: waitMs,
        maxBytes,
        signal,
      });
      from = found?.nextOffset ?? from;
      if (found !== undefined && found.batches.length > 0) return found;
      if (found === undefined && clock.nowMs() > endsAtMs) throw stuckError(place, from, end);
    }
    return { batches: [], nextOffset: end };
  }

  /** The shared reader answers one after the other. */
  async #inTurn<T>(work: (reader: KafkaReader) => Promise<T>): Promise<T> {
    this.#shared ??= this.#deps.client.reader();
    const reader = this.#shared;
    const result = this.#turn.catch(() => {}).then(() => work(reader));
    this.#turn = result;
    return result;
  }
}

function stuckError({ topic, partition }: Place, from: number, end: number): OpenFrameError {
  const message = `Partition ${partition} of ${topic} gives nothing from ${from} on, and ends at ${end}: its leader may be away.`;
  return new OpenFrameError('STORE_UNAVAILABLE', message, { retryable: true });
}
