import { Readable } from 'node:stream';
import { z } from 'zod';

import type { StoredEvent } from '../../contracts/event.ts';
import type { Clock } from '../../streams/clock.ts';
import { inPieces } from '../live/in-pieces.ts';
import type { LiveTail } from '../live/live-tail.ts';
import type { TailBatch } from '../live/tail-reader.ts';
import { withHeartbeat } from '../live/with-heartbeat.ts';
import { eventFilterShape, toEventFilter } from './event-filter-query.ts';
import { goneSignal } from './gone-signal.ts';
import { noParameters, readRoute, type RestRoute } from './route.ts';

const reconnectMs = 2000;

export function createEventTailRoute(deps: {
  readonly tail: LiveTail;
  readonly clock: Clock;
  readonly stopped: AbortSignal;
}): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/events/tail',
    operationId: 'tailEvents',
    summary: 'Events as they come (server-sent events)',
    tag: 'events',
    description:
      'A message for each matching event: `id` is its eventId, `data` its JSON, whole. A reader that does not keep up gets `event: dropped` with `data: {"dropped":n,"total":n}`. A comment comes every 15 s.',
    streams: true,
    query: z.strictObject(eventFilterShape),
    content: { 'text/event-stream': null },
    async handle({ principal, query, reply }) {
      const filter = toEventFilter(query);
      const signal = AbortSignal.any([goneSignal(reply), deps.stopped]);
      const batches = deps.tail.subscribe(principal, filter, signal);
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('x-accel-buffering', 'no')
        .send(Readable.from(messagesOf(batches, deps.clock)));
    },
  });
}

/** The stream of messages (WHATWG HTML, server-sent events). A batch is pulled when the one before was taken. */
async function* messagesOf(batches: AsyncIterable<TailBatch>, clock: Clock): AsyncIterable<string> {
  let droppedTotal = 0;
  for await (const batch of withHeartbeat(batches, clock)) {
    if (batch === null) {
      yield ': still here\n\n';
      continue;
    }
    const { events, dropped } = batch;
    droppedTotal += dropped;
    if (dropped > 0) yield droppedMessage(dropped, droppedTotal);
    if (events.length === 0) yield `retry: ${reconnectMs}\n: the tail stands\n\n`;
    else yield* inPieces(events.values().map(eventMessage));
  }
}

function eventMessage(event: StoredEvent): string {
  return `id: ${event.eventId}\ndata: ${JSON.stringify(event)}\n\n`;
}

function droppedMessage(dropped: number, total: number): string {
  return `event: dropped\ndata: ${JSON.stringify({ dropped, total })}\n\n`;
}
