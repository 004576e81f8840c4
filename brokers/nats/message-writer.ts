import { type Msg, nuid } from '@nats-io/transport-node';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import { apiCodes, natsFault } from './faults.ts';
import type { NatsLink } from './link.ts';
import { headersOf, type HeaderTexts, type OutgoingMessage } from './outgoing-message.ts';

/** What became of messages that were sent. `full`: the stream has no room; nothing was stored. */
type Written = 'stored' | 'full' | 'has-duplicates';

interface Ack {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly count?: number;
  readonly error?: { readonly err_code?: number; readonly description?: string };
}

const nothing = Buffer.alloc(0);
/** No id of ours looks like it, so a message that expects it to be the last one is never stored. */
const impossibleLastId = '?';
/** Beyond every sequence. */
const impossibleSequence = `${Number.MAX_SAFE_INTEGER}`;
const probesAtOnce = 250;

export interface MessageWriterDeps {
  readonly link: NatsLink;
  readonly isReplicated: boolean;
  /** A subject of the stream, for questions. */
  readonly probeSubject: string;
}

/** Sends messages to the stream. Whatever is not answered for certain is a retryable `NOT_DURABLE_NOW`. */
export class MessageWriter {
  readonly #deps: MessageWriterDeps;

  constructor(deps: MessageWriterDeps) {
    this.#deps = deps;
  }

  /**
   * Stores all of the messages or, where one has been stored before, none. Several go as one atomic batch (ADR-50):
   * the server syncs once for it, and none can overtake one before it that was refused.
   */
  async write(messages: readonly OutgoingMessage[]): Promise<Written> {
    const ack = await this.#answer(() => this.#send(messages));
    const code = ack.error?.err_code;
    if (code === apiCodes.batchHasDuplicate || ack.duplicate === true) return 'has-duplicates';
    if (code === apiCodes.storeFailed) return 'full';
    const isComplete = messages.length === 1 ? ack.seq !== undefined : ack.count === messages.length;
    if (ack.error === undefined && isComplete) return 'stored';
    throw notDurable(
      ack.error?.description ?? `an answer for ${ack.count ?? 0} of ${messages.length} messages`,
    );
  }

  /**
   * Which of the ids the server has stored. It is asked by messages that it can never store, since it looks at their
   * ids first: on a single server before the last id that they expect, in a cluster before the last sequence.
   */
  async findStored(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { link, isReplicated, probeSubject } = this.#deps;
    const stored = new Set<string>();
    const expectation: HeaderTexts = isReplicated
      ? { 'Nats-Expected-Last-Sequence': [impossibleSequence] }
      : { 'Nats-Expected-Last-Msg-Id': [impossibleLastId] };
    for (let from = 0; from < ids.length; from += probesAtOnce) {
      const probes = ids.slice(from, from + probesAtOnce).map(async (id) => {
        const headers = headersOf({ 'Nats-Msg-Id': [id], ...expectation });
        const ack = await this.#answer(() => link.request(probeSubject, nothing, { headers }));
        if (ack.duplicate === true) stored.add(id);
        else if (ack.error?.err_code === apiCodes.duplicateInProcess) throw notDurable('it is being stored');
      });
      await Promise.all(probes);
    }
    return stored;
  }

  async #send(messages: readonly OutgoingMessage[]): Promise<Msg> {
    const { link } = this.#deps;
    await link.ready();
    const last = messages.length;
    const batch = nuid.next();
    for (const [at, message] of messages.entries()) {
      const { subject, payload } = message;
      if (last === 1) return link.request(subject, payload, { headers: headersOf(message.headers) });
      const place = { 'Nats-Batch-Id': [batch], 'Nats-Batch-Sequence': [`${at + 1}`] };
      if (at + 1 < last) {
        link.nc.publish(subject, payload, { headers: headersOf({ ...message.headers, ...place }) });
        continue;
      }
      const headers = headersOf({ ...message.headers, ...place, 'Nats-Batch-Commit': ['1'] });
      return link.request(subject, payload, { headers });
    }
    throw new TypeError('No messages were given.');
  }

  async #answer(ask: () => Promise<Msg>): Promise<Ack> {
    try {
      return (await ask()).json<Ack>();
    } catch (error) {
      throw notDurable(messageOf(error), natsFault(error, 'Publishing to NATS', 'NOT_DURABLE_NOW'));
    }
  }
}

export function notDurable(why: string, cause?: OpenFrameError): OpenFrameError {
  if (cause?.retryable === false) return cause;
  const what = `Messages are not durable in NATS now (${why}): send them again.`;
  return new OpenFrameError('NOT_DURABLE_NOW', what, { retryable: true, cause });
}
