import type { Log } from '../brokers/log.ts';
import { headers, topics } from '../contracts/topics.ts';
import { createAlertsSink } from '../pipelines/alerts-sink.ts';
import { createDevicesSink } from '../pipelines/devices.ts';
import type { Clock } from '../streams/clock.ts';
import type { Random } from '../streams/random.ts';
import type { Running } from '../streams/running.ts';
import type { FlushPace } from '../streams/deferred-acks.ts';
import { runSink } from '../streams/run-sink.ts';
import type { Sink } from '../streams/sink.ts';
import { savingAndNoting } from './notifications.ts';
import type { Stores } from './stores.ts';

/** How a sink takes its records: small commits show sooner, large ones cost less. */
export interface SinkPace {
  readonly lingerMs: number;
  readonly maxRecords: number;
  readonly flushPace?: FlushPace;
}

export interface SinkDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly pace: SinkPace;
  /** What it reads. Default: the enriched stream. */
  readonly topic?: string;
}

/**
 * Runs a sink on a stream in a consumer group of its own: a slow one delays no other. Its source and
 * its run go on `stack`; the sink itself stays its owner's.
 */
export async function startSink(sink: Sink, deps: SinkDeps, stack: AsyncDisposableStack): Promise<Running> {
  const { log, clock, random, pace, topic = topics.enriched } = deps;
  const source = stack.use(await log.source({ group: sink.name, topics: [topic] }));
  const options = { source, log, clock, random, topics: [topic], ...pace };
  const names = { deadLetterTopic: topics.deadLetters, ingestTimeHeader: headers.ingestTime };
  return stack.use(runSink(sink, { ...options, ...names }));
}

/** Every sink of the embedded profile: its event log and its analytics are one store, written once. */
export async function startSinks(
  stores: Stores,
  clock: Clock,
  random: Random,
): Promise<{ readonly running: readonly Running[] } & AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const { log } = stores;
  const start = (sink: Sink, pace: SinkPace): Promise<Running> =>
    startSink(sink, { log, clock, random, pace }, starting);
  const running = [
    await start(stores.writers.eventLog, { lingerMs: 75, maxRecords: 10_000 }),
    await start(createDevicesSink(stores.devices), { lingerMs: 1000, maxRecords: 10_000 }),
    await startSink(
      createAlertsSink(savingAndNoting(stores.alerts, stores.notifications.outbox)),
      { log, clock, random, pace: { lingerMs: 250, maxRecords: 5000 }, topic: topics.alerts },
      starting,
    ),
  ];
  const started = starting.move();
  return { running, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
