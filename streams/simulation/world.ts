import { MemoryLog } from '../memory-log.ts';
import { createRandom, type Random } from '../random.ts';
import { RecordBatchBuilder } from '../record-batch.ts';
import { runTopology } from '../run.ts';
import type { Running } from '../running.ts';
import { runSink } from '../run-sink.ts';
import type { Source } from '../source.ts';
import type { Sink } from '../sink.ts';
import type { Stage } from '../stage.ts';
import type { TransactionalLog } from '../transaction.ts';
import { compact } from './compact.ts';
import { Judge, type StoryEvent } from './judge.ts';
import { type Life, Scheduler } from './scheduler.ts';
import { SimulatedMessaging } from './simulated-messaging.ts';
import { createSimulatedSink, SimulatedStore, type StoredRow } from './simulated-sink.ts';
import { type Consumed, SimulatedSource } from './simulated-source.ts';
import { createSimulatedTransactions } from './simulated-transactions.ts';
import { countStory, fates, relayStory, storyTopics, telemetryStory } from './story.ts';

/** What one process is given of the world: the places where a mutation may be put in. */
export interface Ports {
  readonly log: TransactionalLog;
  readonly messages: Source;
  readonly raw: Source;
  readonly enriched: Source;
  /** The enriched topic again, for the group that counts. */
  readonly counting: Source;
  readonly sink: Sink;
}

/** What a mutation may use to misbehave. */
export interface MutationContext {
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly log: MemoryLog;
}

export interface WorldOptions {
  readonly seed: number;
  readonly dedupe: () => Stage;
  readonly events: number;
  readonly mutate: (ports: Ports, context: MutationContext) => Ports;
  readonly trace?: (line: string) => void;
}

interface Process {
  readonly life: Life;
  readonly runs: readonly Running[];
}

const partitions = 2;
const startMs = 1_700_000_000_000;
const members = ['a', 'b'] as const;
const reads = [
  ['telemetry', storyTopics.raw],
  ['store', storyTopics.enriched],
  ['count', storyTopics.enriched],
] as const;
/** No pause is longer than a few of the simulated polls: worlds stay small. */
const backoff = { initialMs: 20, maxMs: 400 };

/**
 * A small world: messages, a log of two partitions and a store outlive two processes that run the relay, the
 * telemetry topology and a sink over them. One seed decides everything that happens to it.
 */
export class World {
  readonly scheduler: Scheduler;
  readonly judge: Judge;
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #log: MemoryLog;
  readonly #store: SimulatedStore;
  readonly #messaging: SimulatedMessaging;
  readonly #processes = new Map<string, Process>();
  readonly #events: StoryEvent[] = [];
  #planned: StoryEvent[][] = [];
  #lives = 0;
  crashes = 0;
  moves = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = createRandom(options.seed);
    this.scheduler = new Scheduler(this.#random, startMs, options.trace);
    this.#store = new SimulatedStore((id) => this.judge.changedRow(id));
    this.judge = new Judge(this.#store.rows);
    this.#messaging = new SimulatedMessaging(this.scheduler, (batch) => this.judge.acked(batch));
    this.#log = new MemoryLog(
      Object.values(storyTopics).map((name) => ({
        name,
        partitions: name === storyTopics.deadLetters ? 1 : partitions,
      })),
      (topic, partition, stored) => this.judge.appended(topic, partition, stored),
    );
    this.#plan();
    for (const name of members) this.#boot(name);
  }

  get isFed(): boolean {
    return this.#planned.length === 0;
  }

  /** True when everything that was fed has come to its end. */
  get isAtRest(): boolean {
    return (
      this.isFed &&
      this.#messaging.isDrained &&
      reads.every(([group, topic]) => this.#isConsumed(group, topic))
    );
  }

  /** Runs that have ended, which none may before `stop`. */
  readonly ended: Running[] = [];

  /** Publishes the next few events. */
  feed(): void {
    const events = this.#planned.shift();
    if (events === undefined) return;
    const builder = new RecordBatchBuilder(1024);
    for (const { id, key, fate } of events) {
      const timestampMs = this.scheduler.nowMs;
      const headers = { eventid: id, ingesttime: String(timestampMs) };
      builder.appendRecord({ key, value: fate, timestampMs, headers });
    }
    this.scheduler.note(`feed ${events.map(({ id }) => id.slice(-3)).join(' ')}`);
    this.#messaging.publish(builder.finish());
  }

  /** Ends a process as a power cut would and starts it anew with nothing but what was durable. */
  crash(): void {
    const name = this.#random.below(2) === 0 ? 'a' : 'b';
    const process = this.#processes.get(name);
    if (process === undefined) return;
    this.crashes++;
    this.scheduler.kill(process.life);
    this.#boot(name);
  }

  /** Gives a partition of a group to another process, or to the same anew. */
  move(): void {
    const [group, topic] = reads[this.#random.below(reads.length)] ?? reads[0];
    this.moves++;
    this.#assign(group, topic, this.#random.below(partitions));
  }

  /** Removes superseded records from a compacted changelog. */
  compact(): void {
    this.scheduler.note('compact');
    const topic = this.#random.below(2) === 0 ? storyTopics.tally : storyTopics.totals;
    compact(this.#log, topic, this.#random.below(partitions));
  }

  /** Asks every run to stop; resolves when they have, which takes steps. */
  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].flatMap(({ runs }) => runs.map((run) => run.stop())));
  }

  conclude(): void {
    this.judge.conclude(this.#events);
  }

  #plan(): void {
    const random = this.#random;
    for (let i = 0; i < this.#options.events; i++) {
      const fate = random.below(12);
      this.#events.push({
        id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
        key: `k${random.below(4)}`,
        fate: fate === 0 ? fates.poison : fate === 1 ? fates.unstorable : fates.good,
      });
    }
    const line: StoryEvent[] = [];
    for (const event of this.#events) {
      line.push(event);
      const earlier = line[random.below(line.length)];
      if (random.below(5) === 0 && earlier !== undefined) line.push(earlier);
    }
    while (line.length > 0) this.#planned.push(line.splice(0, 1 + random.below(6)));
  }

  #boot(name: string): void {
    const life: Life = { name: `${name}${++this.#lives}`, alive: true };
    const previous = this.#processes.get(name)?.life.name;
    this.scheduler.note(`boot ${life.name}`);
    const ports = this.#options.mutate(this.#portsOf(life), {
      life,
      scheduler: this.scheduler,
      log: this.#log,
    });
    const shared = {
      log: ports.log,
      deadLetterTopic: storyTopics.deadLetters,
      clock: this.scheduler.clockOf(life),
      random: createRandom(this.#random.uint32()),
      stopwatchMs: () => 0,
      // Packing takes a tenth of a world's time, and happens to a batch the same way in each.
      compress: this.#options.seed % 8 === 0,
      deadLetterLimit: { share: 1, minRecords: 1 },
      backoff,
      maxRecords: 6,
    };
    const telemetry = telemetryStory(this.#options.dedupe(), life, this.scheduler);
    const runs = [
      runTopology(telemetry, { ...shared, source: ports.raw }),
      runTopology(countStory, { ...shared, source: ports.counting }),
      runSink(ports.sink, {
        ...shared,
        source: ports.enriched,
        topics: [storyTopics.enriched],
        ingestTimeHeader: 'ingesttime',
        lingerMs: this.#random.below(2) * 50,
        flushPace: { records: 1 + this.#random.below(12), maxWaitMs: 300 },
      }),
    ];
    if (name === 'a') runs.push(runTopology(relayStory, { ...shared, source: ports.messages }));
    for (const run of runs) {
      run.done.then(() => this.ended.push(run), rethrow);
    }
    this.#processes.set(name, { life, runs });
    for (const [group, topic] of reads) {
      for (let partition = 0; partition < partitions; partition++) {
        const owner = this.#log.assignment(group, topic, partition)?.member;
        if (owner === undefined || owner === previous) this.#assign(group, topic, partition);
      }
    }
  }

  #portsOf(life: Life): Ports {
    const { scheduler } = this;
    const log = this.#log;
    const onConsumed = (consumed: Consumed): void => this.judge.consumed(log, consumed);
    const sourceOf = (group: string, topic: string): Source =>
      new SimulatedSource({ life, scheduler, random: this.#random, log, group, topic, onConsumed });
    return {
      log: createSimulatedTransactions({ life, scheduler, log, onConsumed }),
      messages: this.#messaging.source(life),
      raw: sourceOf('telemetry', storyTopics.raw),
      enriched: sourceOf('store', storyTopics.enriched),
      counting: sourceOf('count', storyTopics.enriched),
      sink: createSimulatedSink({
        ...{ life, scheduler, store: this.#store, rowOf },
        ...(this.#random.below(2) === 0 ? {} : { losesRows: () => this.#random.below(50) === 0 }),
      }),
    };
  }

  #assign(group: string, topic: string, partition: number): void {
    const names = [...this.#processes.values()].map(({ life }) => life.name);
    const member = names[this.#random.below(names.length)] ?? '';
    this.scheduler.note(`assign ${group} ${topic}/${partition} to ${member}`);
    this.#log.assign(group, topic, partition, member);
  }

  #isConsumed(group: string, topic: string): boolean {
    for (let partition = 0; partition < partitions; partition++) {
      if (this.#log.committedOffset(group, topic, partition) < this.#log.endOffset(topic, partition))
        return false;
    }
    return true;
  }
}

function rowOf(record: { readonly value: Uint8Array | null }): StoredRow | 'rejected' {
  const text = Buffer.from(record.value ?? []).toString('utf8');
  const { eventId, data } = JSON.parse(text) as { eventId: string; data: string };
  return data === fates.unstorable ? 'rejected' : { id: eventId, text };
}

/** A run's end never rejects; were it to, the test must not go on. */
function rethrow(error: unknown): never {
  throw error;
}
