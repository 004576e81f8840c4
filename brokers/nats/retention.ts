import type { ConsumerInfo } from '@nats-io/jetstream';

import type { Clock } from '../../streams/clock.ts';
import type { MessagingOptions } from '../messaging.ts';
import type { JetStream } from './jetstream.ts';

export interface RetentionDeps {
  readonly jetStream: JetStream;
  readonly stream: string;
  readonly options: MessagingOptions;
  readonly clock: Clock;
}

const applyEveryMs = 1000;
/** Of a full stream at least this share is removed at once, so that not every publish has to. */
const shareAtOnce = 1 / 16;

/** Lets the oldest messages go, and none that a durable consumer has yet to process. */
export class Retention {
  readonly #deps: RetentionDeps;
  #dueMs = 0;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /** Removes what is too old. Looks once a second at most; called before each publish. */
  async applyAge(): Promise<void> {
    const { jetStream, stream, options, clock } = this.#deps;
    const nowMs = clock.nowMs();
    if (nowMs < this.#dueMs) return;
    this.#dueMs = nowMs + applyEveryMs;
    const state = (await jetStream.streamInfo(stream))?.state;
    const cutMs = nowMs - options.retentionMs;
    if (state === undefined || state.messages === 0 || Date.parse(state.first_ts) >= cutMs) return;
    const firstKept = (await jetStream.sequenceAt(stream, cutMs)) ?? state.last_seq + 1;
    await this.#removeBelow(firstKept, state.first_seq);
  }

  /** Makes room in a full stream; false where nothing may go. */
  async makeRoom(bytes: number): Promise<boolean> {
    const { jetStream, stream, options } = this.#deps;
    const state = (await jetStream.streamInfo(stream))?.state;
    if (state === undefined || state.messages === 0) return false;
    const free = Math.max(bytes, options.retentionBytes * shareAtOnce);
    const messages = Math.ceil((free * state.messages) / Math.max(state.bytes, 1));
    return this.#removeBelow(state.first_seq + Math.min(messages, state.messages), state.first_seq);
  }

  async #removeBelow(sequence: number, firstSequence: number): Promise<boolean> {
    const { jetStream, stream } = this.#deps;
    const floors = (await jetStream.consumers(stream)).map(floorOf);
    const upTo = Math.min(sequence, ...floors);
    if (upTo <= firstSequence) return false;
    await jetStream.purgeBelow(stream, upTo);
    return true;
  }
}

/** The first sequence that the consumer has not acknowledged. */
export function floorOf(consumer: ConsumerInfo): number {
  return consumer.ack_floor.stream_seq + 1;
}
