import { OpenFrameError } from '../../contracts/errors.ts';
import { telemetryStream } from '../../contracts/topics.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Batch, ReadOptions, Source } from '../../streams/source.ts';
import { ConsumerSeat } from './consumer-seat.ts';
import { type Delivery, DeliveryLedger, type Records } from './delivery-ledger.ts';
import { natsFault } from './faults.ts';
import { nextRecords } from './incoming-batch.ts';
import type { JetStream } from './jetstream.ts';
import type { NatsLink } from './link.ts';
import { PullSession } from './pull-session.ts';
import { floorOf } from './retention.ts';

export interface MessageConsumerDeps {
  readonly link: NatsLink;
  readonly jetStream: JetStream;
  readonly stream: string;
  readonly prefix: string;
  readonly name: string;
  readonly clock: Clock;
  readonly maxInFlightRecords: number;
}

/** The longest time that a timer takes: beyond it, timers fire at once. */
const longestSleepMs = 2_147_483_647;

/** A reader that had to give way asks this often whether the one after it is still there. */
const askEveryMs = 1_000;

/**
 * A durable pull consumer of the stream. The reader that opened last reads; one that gave way to it takes over again
 * once nobody answers, from what was acked: several relays are one that works and others that stand by.
 */
export class MessageConsumer implements Source {
  readonly name: string;
  readonly #deps: MessageConsumerDeps;
  #revoked = new AbortController();
  #seat: ConsumerSeat | undefined;
  /** When to ask again whether anybody else reads. */
  #askMs = 0;
  #ledger = new DeliveryLedger(0);
  #session: PullSession | undefined;
  #restarting: Promise<PullSession> | undefined;
  /** Records that were nacked, to be handed out before anything else. */
  #again: Records[] = [];
  /** The sequence to hand out next from the session. */
  #position = 0;
  /** Acks go to the server one after another. */
  #acks: Promise<unknown> = Promise.resolve();
  #changed = Promise.withResolvers<void>();
  #closed = false;

  static async open(deps: MessageConsumerDeps): Promise<MessageConsumer> {
    const consumer = new MessageConsumer(deps);
    await consumer.#takeSeat();
    try {
      await consumer.#isReading();
      return consumer;
    } catch (error) {
      consumer.#seat?.leave();
      throw error;
    }
  }

  private constructor(deps: MessageConsumerDeps) {
    this.name = deps.name;
    this.#deps = deps;
  }

  /** Another reader of the same name has opened. */
  revoke(): void {
    this.#revoked.abort(this.#revokedError());
    this.#seat?.leave();
    this.#session?.close();
    this.#wake();
  }

  async #takeSeat(): Promise<void> {
    const { link, jetStream, stream, name } = this.#deps;
    const onTaken = (): void => this.revoke();
    this.#seat = await ConsumerSeat.take({ link, jetStream, stream, consumer: name, onTaken });
  }

  /** Reads again, from the server's floor, where no other reader is there any more. */
  async #standBy(): Promise<void> {
    const { clock, link } = this.#deps;
    if (clock.nowMs() < this.#askMs) return;
    this.#askMs = clock.nowMs() + askEveryMs;
    if (await this.#seat?.isHeld()) return;
    await link.ready();
    await this.#takeSeat();
    this.#session?.close();
    this.#again = [];
    this.#ledger = new DeliveryLedger(0);
    this.#position = 0;
    this.#revoked = new AbortController();
  }

  async *read({ maxRecords, maxWaitMs, signal }: ReadOptions): AsyncIterable<Batch | null> {
    const goesOn = (): boolean => !signal.aborted && !this.#closed;
    this.#again = [...this.#ledger.rewind(), ...this.#again];
    while (goesOn()) {
      const batch = await this.#nextWithin(maxRecords, maxWaitMs, signal);
      if (batch !== null || goesOn()) yield batch;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    await this.#acks;
    this.#closed = true;
    this.#seat?.leave();
    this.#session?.close();
    this.#wake();
  }

  async #nextWithin(maxRecords: number, maxWaitMs: number, signal: AbortSignal): Promise<Batch | null> {
    const over = new AbortController();
    const ended = AbortSignal.any([over.signal, signal]);
    const late = this.#deps.clock.sleep(Math.min(maxWaitMs, longestSleepMs), ended);
    let isLate = false;
    const waited = late.then(() => {
      isLate = true;
    });
    try {
      while (!isLate && !signal.aborted && !this.#closed) {
        const changed = this.#changed.promise;
        if (this.#revoked.signal.aborted) await this.#standBy();
        if (this.#revoked.signal.aborted) {
          await Promise.race([this.#deps.clock.sleep(askEveryMs, ended), waited]);
          continue;
        }
        if (!(await this.#isReading())) continue;
        const batch = this.#next(maxRecords);
        if (batch !== undefined) return batch;
        await Promise.race([changed, waited]);
      }
      return null;
    } finally {
      over.abort();
    }
  }

  #next(maxRecords: number): Batch | undefined {
    const room = this.#deps.maxInFlightRecords - this.#ledger.inFlight;
    if (room <= 0 || this.#revoked.signal.aborted) return undefined;
    const again = this.#again.shift();
    if (again !== undefined) return this.#handOut(again);
    const session = this.#session;
    if (session === undefined || session.ending !== undefined) return undefined;
    const records = nextRecords(session, Math.min(maxRecords, room), this.#deps.prefix);
    if (records === undefined) return undefined;
    this.#position = records.nextOffset;
    return this.#handOut(records);
  }

  #handOut(records: Records): Batch {
    const delivery = this.#ledger.deliver(records);
    return {
      topic: telemetryStream,
      partition: 0,
      ...records,
      revoked: this.#revoked.signal,
      ack: () => this.#ack(delivery),
      nack: async () => this.#nack(delivery),
    };
  }

  async #ack(delivery: Delivery): Promise<void> {
    if (this.#closed || this.#revoked.signal.aborted) throw this.#revokedError();
    if (!this.#ledger.has(delivery)) {
      if (delivery.records.nextOffset <= this.#ledger.durableFloor) return;
      throw this.#revokedError();
    }
    delivery.acked = true;
    const { floor } = this.#ledger;
    if (floor > this.#ledger.durableFloor) {
      const written = this.#acks.then(() => this.#writeFloor(floor));
      this.#acks = written.catch(() => {});
      await written;
    }
    this.#wake();
  }

  #nack(delivery: Delivery): void {
    if (this.#closed || this.#revoked.signal.aborted) return;
    this.#again = [...this.#ledger.rewind(delivery), ...this.#again];
    this.#wake();
  }

  /** Acknowledges all below `floor` at the server, which answers when it has taken it. */
  async #writeFloor(floor: number): Promise<void> {
    if (floor <= this.#ledger.durableFloor) return;
    const info = await this.#checkSeat();
    if (floorOf(info) < floor) {
      // The server takes no ack that its own count has passed: where it lost one, only a restart mends that.
      if (floorOf(info) < this.#ledger.durableFloor) this.#session?.close();
      await this.#sendAck(floor - 1);
    }
    this.#ledger.settle(floor);
  }

  async #sendAck(sequence: number): Promise<void> {
    const { link, clock } = this.#deps;
    const deadlineMs = clock.nowMs() + link.requestTimeoutMs;
    try {
      for (;;) {
        const session = await this.#restarted();
        const subject = session.ackSubject(sequence);
        if (subject !== undefined) {
          await link.request(subject, '');
          return;
        }
        if (clock.nowMs() >= deadlineMs) throw new Error(`message ${sequence} was not sent again in time`);
        await this.#changedOr(deadlineMs - clock.nowMs());
      }
    } catch (error) {
      throw natsFault(error, `Acknowledging as ${this.name}`);
    }
  }

  async #checkSeat() {
    const info = await this.#seat?.check();
    if (info === undefined || this.#revoked.signal.aborted) throw this.#revokedError();
    return info;
  }

  /** Opens a session where there is none; false where another reader has the seat. */
  async #isReading(): Promise<boolean> {
    try {
      await this.#restarted();
    } catch (error) {
      if (!this.#revoked.signal.aborted) throw error;
    }
    return !this.#revoked.signal.aborted;
  }

  /** The session of now; where it has ended, of a consumer that was restarted at its floor. */
  #restarted(): Promise<PullSession> {
    if (this.#session !== undefined && this.#session.ending === undefined)
      return Promise.resolve(this.#session);
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  async #restart(): Promise<PullSession> {
    const { link, jetStream, stream, name, clock } = this.#deps;
    // Whoever has lost the seat must not restart the consumer of the reader that has it.
    await this.#checkSeat();
    const info = await jetStream.resetConsumer(stream, name);
    if (this.#position === 0) {
      this.#position = floorOf(info);
      this.#ledger = new DeliveryLedger(this.#position);
    }
    this.#session = new PullSession({
      link,
      stream,
      consumer: name,
      clock,
      fromSequence: this.#position,
      onChange: () => this.#wake(),
      onIdle: () => {
        this.#lookAfter(this.#session).catch(() => this.#wake());
      },
    });
    return this.#session;
  }

  /** Nothing came: it may have been sent to a reader that is no more, or another may read. */
  async #lookAfter(session: PullSession | undefined): Promise<void> {
    const info = await this.#checkSeat();
    if (session !== undefined && info.delivered.consumer_seq > session.consumerSequence) session.close();
  }

  #revokedError(): OpenFrameError {
    const what = `Partition 0 is no longer this reader's (${this.name}): its batches go to the one that has it now.`;
    return new OpenFrameError('BATCH_REVOKED', what);
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  async #changedOr(ms: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([this.#changed.promise, this.#deps.clock.sleep(ms, over.signal)]);
    over.abort();
  }
}
