import { headers, topics } from '../contracts/topics.ts';
import { createDevicesSink } from '../pipelines/devices.ts';
import type { Clock } from '../streams/clock.ts';
import type { Random } from '../streams/random.ts';
import type { Running } from '../streams/run.ts';
import { runSink } from '../streams/run-sink.ts';
import type { Sink } from '../streams/sink.ts';
import type { Stores } from './stores.ts';

/** How a sink takes its records: small commits show sooner, large ones cost less. */
interface SinkPace {
  readonly lingerMs: number;
  readonly maxRecords: number;
}

/** Runs every sink of the enriched stream, each in a consumer group of its own: a slow one delays no other. */
export async function startSinks(
  stores: Stores,
  clock: Clock,
  random: Random,
): Promise<{ readonly running: readonly Running[] } & AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const { log } = stores;
  const start = async (sink: Sink, pace: SinkPace): Promise<Running> => {
    const source = starting.use(await log.source({ group: sink.name, topics: [topics.enriched] }));
    const options = { source, log, clock, random, topics: [topics.enriched], ...pace };
    const names = { deadLetterTopic: topics.deadLetters, ingestTimeHeader: headers.ingestTime };
    return starting.use(runSink(sink, { ...options, ...names }));
  };
  const running = [
    await start(stores.eventLog, { lingerMs: 150, maxRecords: 10_000 }),
    await start(stores.analytics, { lingerMs: 50, maxRecords: 10_000 }),
    await start(createDevicesSink(stores.devices), { lingerMs: 500, maxRecords: 10_000 }),
  ];
  const started = starting.move();
  return { running, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
