import { createInbox, type Msg, nanos, type Subscription } from '@nats-io/transport-node';

import type { Clock } from '../../streams/clock.ts';
import { ackSubject, type Delivered, deliveredOf } from './incoming-message.ts';
import type { NatsLink } from './link.ts';

export interface PullSessionDeps {
  readonly link: NatsLink;
  readonly stream: string;
  readonly consumer: string;
  readonly clock: Clock;
  /** Messages below this sequence are in hand or done: they are passed over. */
  readonly fromSequence: number;
  /** Something came, or the session has ended. */
  readonly onChange: () => void;
  /** A pull has ended without a message. */
  readonly onIdle: () => void;
}

const pullMessages = 1000;
const pullBytes = 8 * 1024 * 1024;
/** Beside the largest payload that the server takes: its headers and its subjects. */
const envelopeBytes = 128 * 1024;
const pullExpiresMs = 5_000;
const answerGraceMs = 3_000;
const status = { heartbeat: 100, timeout: 408, conflict: 409 } as const;

/**
 * Messages that a consumer is sent from one restart of it to the next, in order and without a gap. Pulls ahead by a
 * bounded number of messages and bytes. It ends when the connection is lost, when the server says so, and when the
 * count of deliveries shows that another reader was sent something; the consumer must be restarted then.
 */
export class PullSession {
  readonly #deps: PullSessionDeps;
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #ended = new AbortController();
  /** What was not taken: `next` lets go of what it gives out, however long more comes than it takes. */
  #buffer: Delivered[] = [];
  /** So many at the beginning of the buffer end with a whole published batch. */
  #whole = 0;
  #bufferedBytes = 0;
  /** Messages that the pull under way may still bring; 0: none is under way. */
  #awaited = 0;
  /** Counts the pulls: each is answered at an inbox of its own. */
  #pulls = 0;
  #pull = new AbortController();
  #last: { readonly reply: string; readonly sequence: number; readonly consumerSequence: number } | undefined;
  #ending: 'lost' | 'removed' | undefined;

  constructor(deps: PullSessionDeps) {
    this.#deps = deps;
    const { nc, lost } = deps.link;
    this.#inbox = createInbox();
    this.#subscription = nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, msg) => this.#take(error, msg),
    });
    lost.addEventListener('abort', () => this.#end('lost'), { signal: this.#ended.signal });
    if (lost.aborted) this.#end('lost');
    this.#pullMore();
  }

  /** Why it has ended; undefined while it has not. */
  get ending(): 'lost' | 'removed' | undefined {
    return this.#ending;
  }

  /** How many messages the server has sent to this session. */
  get consumerSequence(): number {
    return this.#last?.consumerSequence ?? 0;
  }

  get buffered(): number {
    return this.#buffer.length;
  }

  /** The next message; not before all of its atomic batch is here, but where that is beyond what is pulled ahead. */
  next(): Delivered | undefined {
    if (this.#whole === 0 && this.#bufferedBytes < pullBytes) return undefined;
    const delivered = this.#buffer.shift();
    if (delivered === undefined) return undefined;
    this.#whole = Math.max(this.#whole - 1, 0);
    this.#bufferedBytes -= delivered.msg.data.length;
    this.#pullMore();
    return delivered;
  }

  /**
   * Where to acknowledge a message and all before it: undefined until the server has sent it in this session. Its
   * deliveries are counted without a gap, as the messages of the stream are.
   */
  ackSubject(sequence: number): string | undefined {
    if (this.#last === undefined || sequence > this.#last.sequence) return undefined;
    const consumerSequence = this.#last.consumerSequence - (this.#last.sequence - sequence);
    return consumerSequence < 1 ? undefined : ackSubject(this.#last.reply, sequence, consumerSequence);
  }

  close(): void {
    this.#end('lost');
  }

  #take(error: Error | null, msg: Msg): void {
    if (this.#ending !== undefined) return;
    if (error !== null) return this.#end('lost');
    const delivered = deliveredOf(msg);
    if (delivered === undefined) return this.#takeStatus(msg);
    const { sequence, consumerSequence } = delivered;
    if (consumerSequence !== this.consumerSequence + 1) return this.#end('lost');
    this.#last = { reply: msg.reply ?? '', sequence, consumerSequence };
    this.#awaited--;
    if (sequence >= this.#deps.fromSequence) {
      this.#buffer.push(delivered);
      this.#bufferedBytes += msg.data.length;
      if (delivered.endsBatch) this.#whole = this.#buffer.length;
    }
    if (this.#awaited === 0) this.#pullMore();
    this.#deps.onChange();
  }

  /**
   * A pull's end (ADR-13): its time is over, it has all it asked for, or what comes next is beyond its bytes; anything
   * else ends the session. The server may say so when the next pull is under way already.
   */
  #takeStatus(msg: Msg): void {
    const { code = 0, description = '' } = msg.headers ?? {};
    if (code === status.heartbeat) return;
    const isOver =
      code === status.timeout ||
      (code === status.conflict && /exceeds maxbytes|batch completed/i.test(description));
    if (isOver && msg.subject !== this.#replySubject()) return;
    const isRemoved = code === status.conflict && /^(consumer|stream) deleted/i.test(description);
    if (isRemoved) return this.#end('removed');
    if (!isOver) return this.#end('lost');
    const isIdle = this.#awaited === pullMessages;
    this.#awaited = 0;
    this.#pullMore();
    if (isIdle) this.#deps.onIdle();
  }

  #replySubject(): string {
    return `${this.#inbox}.${this.#pulls}`;
  }

  #pullMore(): void {
    if (this.#awaited > 0 || this.#ending !== undefined) return;
    if (this.buffered >= pullMessages || this.#bufferedBytes >= pullBytes) return;
    const { link, stream, consumer, clock } = this.#deps;
    const max_bytes = Math.max(pullBytes, (link.nc.info?.max_payload ?? 0) + envelopeBytes);
    const request = { batch: pullMessages, expires: nanos(pullExpiresMs), max_bytes };
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    this.#awaited = pullMessages;
    this.#pulls++;
    link.nc.publish(subject, JSON.stringify(request), { reply: this.#replySubject() });
    this.#pull.abort();
    this.#pull = new AbortController();
    const over = AbortSignal.any([this.#pull.signal, this.#ended.signal]);
    const tooLate = (): void => {
      if (!over.aborted) this.#end('lost');
    };
    clock.sleep(pullExpiresMs + answerGraceMs, over).then(tooLate, tooLate);
  }

  #end(ending: 'lost' | 'removed'): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#buffer = [];
    this.#ended.abort();
    this.#subscription.unsubscribe();
    this.#deps.onChange();
  }
}
