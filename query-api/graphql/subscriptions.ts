import { z } from 'zod';

import type { StoredEvent } from '../../contracts/event.ts';
import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { EventFilter } from '../../sinks/analytics.ts';
import { durationParameter } from '../rest/parameters.ts';
import { type Arguments, eventFilterOf, parseArguments } from './arguments.ts';
import type { GraphContext, GraphStores } from './graph-context.ts';

export type Subscriber = (source: unknown, given: Arguments, context: GraphContext) => AsyncIterable<unknown>;

const everySchema = z.object({
  every: durationParameter('')
    .refine((everyMs) => everyMs <= 3_600_000, { error: 'must be 1s to 1h' })
    .default(2_000),
});

/** The streams. What an argument has wrong is thrown when the stream is asked for, before its first message. */
export const subscribers: Readonly<Record<string, Subscriber>> = {
  eventAdded(_source, given, context) {
    const filter = eventFilterOf(given);
    return endable(context.signal, (signal) => addedEvents(filter, context, signal));
  },
  pipelineStats(_source, given, { stores, signal: outer }) {
    const { every } = parseArguments(everySchema, given);
    return endable(outer, (signal) => repeatedPipelines(every, stores, signal));
  },
};

/** A stream that ends at once when its reader leaves, also while it waits for something to come. */
export function endable<Item>(
  outer: AbortSignal,
  open: (signal: AbortSignal) => AsyncGenerator<Item>,
): AsyncIterableIterator<Item> {
  const left = new AbortController();
  const items = open(AbortSignal.any([outer, left.signal]));
  const stream: AsyncIterableIterator<Item> = {
    next: () => items.next(),
    return() {
      left.abort();
      return items.return(undefined);
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

async function* addedEvents(
  filter: EventFilter,
  context: GraphContext,
  signal: AbortSignal,
): AsyncGenerator<{ readonly eventAdded: StoredEvent }> {
  const { stores, principal } = context;
  for await (const { events, dropped } of stores.tail.subscribe(principal, filter, signal)) {
    context.dropped += dropped;
    for (const event of events) yield { eventAdded: event };
  }
}

async function* repeatedPipelines(
  everyMs: number,
  { pipelines, clock }: GraphStores,
  signal: AbortSignal,
): AsyncGenerator<{ readonly pipelineStats: readonly PipelineStatus[] }> {
  while (!signal.aborted) {
    yield { pipelineStats: await pipelines() };
    await clock.sleep(everyMs, signal);
  }
}
