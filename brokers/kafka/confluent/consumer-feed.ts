import { messageOf, OpenFrameError } from '../../../contracts/errors.ts';
import { BatchAssembler } from '../batch-assembler.ts';
import type { AssignmentListener, Fetched, FetchOptions, Place, PlaceOffset } from '../client.ts';
import { FetchLanes } from '../fetch-lanes.ts';
import { byTopic } from '../platformatic/wire/by-topic.ts';
import { type ConfluentDeps, consumerConfig, earliest } from './configuration.ts';
import { faultCodeOf, localFault, nativeError } from './faults.ts';
import { called, type Config, type NativeConsumer, type NativeMessage } from './librdkafka.ts';

/** How long one look for records holds a thread of Node's pool. */
const pollMs = 40;
const pollRecords = 4000;
const seekTimeoutMs = 2000;
const afterFaultMs = 50;
const leaveWaitMs = 2000;
/** So few records are a batch each: their reader may take as few as it asks for. More share one, which is cheaper. */
const separateBelow = 128;

/**
 * A consumer of librdkafka whose records are asked for. One loop looks for records, so that rebalances are served
 * while nobody asks, and moves positions only between two looks: a record from before a seek cannot come after it.
 */
export class ConsumerFeed implements AsyncDisposable {
  readonly consumer: NativeConsumer;
  readonly #deps: ConfluentDeps;
  readonly #listener: AssignmentListener;
  readonly #lanes: FetchLanes;
  readonly #between: (() => Promise<void>)[] = [];
  readonly #seeks = new Map<string, PlaceOffset>();
  readonly #ends: PlaceOffset[] = [];
  readonly #assembler = new BatchAssembler();
  #fault: OpenFrameError | undefined;
  #connected = false;
  /** How many partitions the group has given. */
  #assigned = 0;
  #closing = false;
  #polling: Promise<void> = Promise.resolve();

  constructor(deps: ConfluentDeps, group: string, config: Config, listener: AssignmentListener) {
    this.#deps = deps;
    this.#listener = listener;
    const rebalance = { rebalance_cb: this.#rebalance.bind(this) };
    this.consumer = new deps.library.KafkaConsumer(
      { ...consumerConfig(deps.options, group), ...config, ...rebalance },
      earliest,
    );
    this.consumer.setDefaultConsumeTimeout(pollMs);
    this.consumer.setDefaultIsTimeoutOnlyForFirstMessage(true);
    this.consumer.on('partition.eof', (end: PlaceOffset) => this.#ends.push(end));
    this.consumer.on('event.error', () => undefined);
    this.#lanes = new FetchLanes(
      {
        seek: (from) => this.#seeks.set(nameOf(from), from),
        pause: ({ topic, partition }) =>
          this.#between.push(() => Promise.resolve(this.consumer.pause([{ topic, partition }]))),
        resume: ({ topic, partition }) =>
          this.#between.push(() => Promise.resolve(this.consumer.resume([{ topic, partition }]))),
      },
      deps.options.clock,
    );
  }

  get places(): readonly Place[] {
    return this.#lanes.lanes;
  }

  /** Connects and begins to look for records. */
  async start(begin: () => void): Promise<void> {
    const timeout = this.#deps.options.requestTimeoutMs;
    await called<unknown>((done) => this.consumer.connect({ timeout }, done));
    this.#connected = true;
    begin();
    this.#polling = this.#poll();
  }

  /** Reads partitions outside of any assignment by a group, from now on. */
  assign(from: readonly PlaceOffset[]): void {
    const fresh = from.filter((place) => this.#lanes.lane(place) === undefined);
    if (fresh.length === 0) return;
    this.#lanes.add(fresh);
    for (const place of fresh) this.#lanes.lane(place)?.restart(place.offset);
    this.consumer.incrementalAssign([...fresh]);
  }

  async fetch(from: readonly PlaceOffset[], options: FetchOptions): Promise<readonly Fetched[]> {
    this.#throwFault();
    const fetched = await this.#lanes.fetch(from, options);
    this.#throwFault();
    return fetched;
  }

  /**
   * Gives the group its partitions back, which the loop must serve: closing alone would not tell the group, and
   * nobody would have them until the session ran out.
   */
  async leave(): Promise<void> {
    if (!this.#connected || this.#closing) return;
    const { clock } = this.#deps.options;
    this.#lose(this.#lanes.lanes);
    this.consumer.unsubscribe();
    const endsAtMs = clock.nowMs() + leaveWaitMs;
    while (this.#assigned > 0 && clock.nowMs() < endsAtMs) await clock.sleep(pollMs / 4);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return this.#polling;
    this.#closing = true;
    this.#lose(this.#lanes.lanes);
    await this.#polling;
    // The native library ends the process where it is to disconnect what never connected.
    if (!this.#connected) return;
    await called<unknown>((done) => this.consumer.disconnect(done)).catch(() => undefined);
  }

  async #poll(): Promise<void> {
    while (!this.#closing) {
      try {
        await this.#move();
        this.#take(
          await called<readonly NativeMessage[]>((done) => this.consumer.consume(pollRecords, done)),
        );
      } catch (error) {
        const told = nativeError(error, 'Reading from Kafka');
        if (!told.retryable && told.code === 'CONFIGURATION_INVALID') this.#fault = told;
        this.#lanes.wake();
        await this.#deps.options.clock.sleep(afterFaultMs);
      }
    }
  }

  async #move(): Promise<void> {
    for (const [name, from] of this.#seeks) {
      try {
        await called((done) => this.consumer.seek({ ...from }, seekTimeoutMs, done));
        if (this.#seeks.get(name) === from) this.#seeks.delete(name);
      } catch {
        // The partition is not being read yet, or no longer: the next turn tries again.
        if (this.#lanes.lane(from) === undefined) this.#seeks.delete(name);
      }
    }
    for (const step of this.#between.splice(0)) await step();
  }

  #take(messages: readonly NativeMessage[]): void {
    const ends = this.#ends.splice(0);
    for (const [topic, ofTopic] of byTopic(messages)) {
      for (const [partition, records] of byPartition(ofTopic)) this.#push({ topic, partition }, records);
    }
    for (const end of ends) {
      const lane = this.#lanes.lane(end);
      if (lane?.readOffset === undefined || this.#seeks.has(nameOf(end))) continue;
      if (end.offset > lane.readOffset) this.#lanes.push(lane, [], end.offset);
    }
  }

  #push(place: Place, records: readonly NativeMessage[]): void {
    const lane = this.#lanes.lane(place);
    if (lane?.readOffset === undefined || this.#seeks.has(nameOf(place))) return;
    let next = lane.readOffset;
    for (const { offset, timestamp, key, value, headers } of records) {
      if (offset < next) continue;
      const entries = headers?.flatMap((header) => Object.entries(header)) ?? [];
      this.#assembler.add({ offset, timestampMs: timestamp, key, value, headers: entries });
      if (records.length < separateBelow) this.#assembler.seal();
      next = offset + 1;
    }
    this.#lanes.push(lane, this.#assembler.take(), next);
  }

  #rebalance(error: unknown, assignment: readonly Place[]): void {
    const places = assignment.map(({ topic, partition }) => ({ topic, partition }));
    try {
      if (faultCodeOf(error) === localFault.assignPartitions) this.#gain(places);
      else if (faultCodeOf(error) === localFault.revokePartitions) {
        this.#lose(places);
        this.consumer.incrementalUnassign(places);
        this.#assigned -= places.length;
      }
    } catch (cause) {
      // The consumer is closing: its partitions go with it.
      if (!this.#closing) this.#fault = new OpenFrameError('INTERNAL', messageOf(cause), { cause });
    }
  }

  #gain(places: readonly Place[]): void {
    // Any offset will do, and spares the look-up of one: the first fetch says from where.
    this.consumer.incrementalAssign(places.map((place) => ({ ...place, offset: 0 })));
    this.#assigned += places.length;
    if (places.length === 0 || this.#closing) return;
    this.consumer.pause([...places]);
    this.#lanes.add(places);
    this.#listener.assigned(places);
  }

  #lose(places: readonly Place[]): void {
    const held = places.filter((place) => this.#lanes.lane(place) !== undefined);
    if (held.length === 0) return;
    this.#lanes.remove(held);
    this.#listener.revoked(held.map(({ topic, partition }) => ({ topic, partition })));
  }

  #throwFault(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }
}

const nameOf = ({ topic, partition }: Place): string => `${partition} ${topic}`;

function byPartition(messages: readonly NativeMessage[]): Map<number, NativeMessage[]> {
  const partitions = new Map<number, NativeMessage[]>();
  for (const message of messages) {
    const known = partitions.get(message.partition);
    if (known === undefined) partitions.set(message.partition, [message]);
    else known.push(message);
  }
  return partitions;
}
