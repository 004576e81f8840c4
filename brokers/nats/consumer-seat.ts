import { AckPolicy, type ConsumerConfig, type ConsumerInfo, DeliverPolicy } from '@nats-io/jetstream';
import { nanos, nuid, type Subscription } from '@nats-io/transport-node';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { JetStream } from './jetstream.ts';
import type { NatsLink } from './link.ts';

export interface ConsumerSeatDeps {
  readonly link: NatsLink;
  readonly jetStream: JetStream;
  readonly stream: string;
  readonly consumer: string;
  /** Another reader has taken the seat. */
  readonly onTaken: () => void;
}

const readerField = 'openframe.reader';
/** Nothing is sent again by itself: a reader restarts the consumer where it needs that. */
const ackWaitMs = 3_600_000;
/** A reader that is alive gives way at once; one that is stopped or cut off never answers. */
const giveWayMs = 500;
/** A reader that has not answered for this long is stopped, or cut off. */
const answerMs = 2_000;
/** Asks whether anybody reads; no reader's name. */
const question = '';

/**
 * The right to read as a durable consumer. Its configuration names the reader that came last; a reader before it is
 * told, and one that cannot be reached finds out at its next ack. What such a one was still sent is missing in the
 * count of deliveries, so that the reader of now restarts the consumer.
 */
export class ConsumerSeat {
  readonly #deps: ConsumerSeatDeps;
  readonly #reader = nuid.next();
  readonly #subscription: Subscription;

  /** Takes the seat from whoever has it. */
  static async take(deps: ConsumerSeatDeps): Promise<ConsumerSeat> {
    const { jetStream, stream, consumer } = deps;
    const seat = new ConsumerSeat(deps);
    try {
      await jetStream.putConsumer(stream, configOf(consumer, seat.#reader));
      await isAnswered(deps, seat.#reader, giveWayMs);
      return seat;
    } catch (error) {
      seat.leave();
      throw error;
    }
  }

  private constructor(deps: ConsumerSeatDeps) {
    this.#deps = deps;
    this.#subscription = deps.link.nc.subscribe(callSubject(deps), {
      callback: (error, msg) => {
        if (error !== null || msg.string() === this.#reader) return;
        if (msg.string() !== question) this.#give();
        msg.respond();
      },
    });
  }

  /** Whether a reader has the seat and answers. One that gave way has left it. */
  isHeld(): Promise<boolean> {
    return isAnswered(this.#deps, question, answerMs);
  }

  /** The consumer as it is now. Throws where it was removed; calls `onTaken` where another reads. */
  async check(): Promise<ConsumerInfo> {
    const { jetStream, stream, consumer } = this.#deps;
    const info = await jetStream.consumerInfo(stream, consumer);
    if (info === undefined) {
      const what = `The consumer ${consumer} of the stream ${stream} was removed: restart what reads as ${consumer}.`;
      throw new OpenFrameError('STORE_UNAVAILABLE', what);
    }
    if (info.config.metadata?.[readerField] !== this.#reader) this.#give();
    return info;
  }

  #give(): void {
    this.leave();
    this.#deps.onTaken();
  }

  leave(): void {
    this.#subscription.unsubscribe();
  }
}

async function isAnswered(deps: ConsumerSeatDeps, call: string, timeout: number): Promise<boolean> {
  try {
    await deps.link.request(callSubject(deps), call, { timeout });
    return true;
  } catch {
    return false;
  }
}

function callSubject({ stream, consumer }: ConsumerSeatDeps): string {
  return `_OPENFRAME.READER.${stream}.${consumer}`;
}

/**
 * Makes a durable consumer that nobody has read as yet, from the stream's first message on; one that is there stays
 * as it is. Without it the stream would take what is old for what nobody needs.
 */
export async function declareConsumer(jetStream: JetStream, stream: string, consumer: string): Promise<void> {
  if ((await jetStream.consumerInfo(stream, consumer)) !== undefined) return;
  await jetStream.addConsumer(stream, configOf(consumer, ''));
}

function configOf(consumer: string, reader: string) {
  return {
    name: consumer,
    durable_name: consumer,
    deliver_policy: DeliverPolicy.All,
    // One ack for all before it: our floor has no gaps.
    ack_policy: AckPolicy.All,
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    // What is in hand is bounded where it is read.
    max_ack_pending: -1,
    metadata: { [readerField]: reader },
  } satisfies Partial<ConsumerConfig>;
}
