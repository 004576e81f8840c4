import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { nanos, nuid } from '@nats-io/transport-node';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import { nextRecords } from './incoming-batch.ts';
import type { JetStream } from './jetstream.ts';
import type { NatsLink } from './link.ts';
import { PullSession } from './pull-session.ts';

export interface ReadAllDeps {
  readonly link: NatsLink;
  readonly jetStream: JetStream;
  readonly stream: string;
  readonly prefix: string;
  readonly clock: Clock;
}

const pageRecords = 1000;
/** A reader that dies leaves its consumer behind; the server removes it then. */
const forgetAfterMs = 60_000;

/**
 * What the stream holds at the call, oldest first, through a consumer of its own that acknowledges nothing. Holds a
 * bounded part of it at a time. Throws a retryable `STORE_UNAVAILABLE` where the connection is lost on the way.
 */
export async function* readAll(deps: ReadAllDeps): AsyncIterable<Buffer> {
  const { link, jetStream, stream, prefix, clock } = deps;
  const state = (await jetStream.streamInfo(stream))?.state;
  if (state === undefined || state.messages === 0) return;
  const consumer = `read-all-${nuid.next()}`;
  await jetStream.putConsumer(stream, {
    name: consumer,
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(forgetAfterMs),
    mem_storage: true,
    num_replicas: 1,
  });
  let changed = Promise.withResolvers<void>();
  const session = new PullSession({
    link,
    stream,
    consumer,
    clock,
    fromSequence: 0,
    onChange: () => changed.resolve(),
    // What was removed meanwhile never comes.
    onIdle: () => session.close(),
  });
  try {
    for (let next = state.first_seq; next <= state.last_seq;) {
      changed = Promise.withResolvers<void>();
      const page = nextRecords(session, pageRecords, prefix);
      if (page !== undefined) {
        next = page.nextOffset;
        yield page.bytes;
      } else if (session.ending !== undefined) throw interrupted(stream, next);
      else await changed.promise;
    }
  } finally {
    session.close();
    await jetStream.removeConsumer(stream, consumer).catch(() => {});
  }
}

function interrupted(stream: string, sequence: number): OpenFrameError {
  const what = `Reading the stream ${stream} ended before message ${sequence}: read it again from the start.`;
  return new OpenFrameError('STORE_UNAVAILABLE', what, { retryable: true });
}
