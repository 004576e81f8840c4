import { OpenFrameError } from '../../../contracts/errors.ts';
import type { BatchFor, ConsumedOffset, KafkaProducer } from '../client.ts';
import type { ConfluentDeps } from './configuration.ts';
import { isStaleGeneration, nativeError } from './faults.ts';
import { called, type NativeProducer } from './librdkafka.ts';
import { GroupMember } from './member.ts';
import { connectProducer, produceBatch } from './producing.ts';

const attempts = 10;
const afterStaleMs = 100;

/** Transactions of one producer of librdkafka after the other: a fault ends it, and the next commit makes a new one. */
export class TransactionalProducer implements KafkaProducer {
  readonly #deps: ConfluentDeps;
  readonly #transactionalId: string;
  readonly #timeoutMs: number;
  #producer: NativeProducer | undefined;
  /** Why the brokers refused a record of the transaction that is open. */
  #refused: Error | undefined;

  constructor(deps: ConfluentDeps, transactionalId: string, timeoutMs: number) {
    this.#deps = deps;
    this.#transactionalId = transactionalId;
    this.#timeoutMs = timeoutMs;
  }

  /** Fences who had the transactional id, and aborts what that left open. */
  async begin(): Promise<NativeProducer> {
    const config = {
      'transactional.id': this.#transactionalId,
      'transaction.timeout.ms': this.#timeoutMs,
      'delivery.report.only.error': true,
    };
    const { requestTimeoutMs } = this.#deps.options;
    let producer: NativeProducer | undefined;
    try {
      producer = await connectProducer(this.#deps, config, (error) => {
        if (error !== null) this.#refused ??= error;
      });
      const connected = producer;
      await called((done) => connected.initTransactions(requestTimeoutMs, done));
    } catch (error) {
      if (producer !== undefined) disconnect(producer);
      throw nativeError(error, `Beginning transactions as ${this.#transactionalId}`);
    }
    this.#producer = producer;
    return producer;
  }

  async commit(batches: readonly BatchFor[], consumed: readonly ConsumedOffset[]): Promise<void> {
    if (batches.length + consumed.length === 0) return;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#commitOnce(batches, consumed);
        return;
      } catch (error) {
        // Aborted for its generation: while the partitions are still this member's it is right with the next one.
        if (!isStaleGeneration(error) || attempt === attempts) throw error;
      }
      await this.#deps.options.clock.sleep(afterStaleMs);
    }
  }

  async #commitOnce(batches: readonly BatchFor[], consumed: readonly ConsumedOffset[]): Promise<void> {
    const producer = this.#producer ?? (await this.begin());
    const timeoutMs = this.#deps.options.requestTimeoutMs;
    this.#refused = undefined;
    try {
      await called((done) => producer.beginTransaction(done));
      for (const target of batches) await produceBatch(this.#deps, producer, target);
      await this.#sendOffsets(producer, consumed);
      await called((done) => producer.commitTransaction(timeoutMs, done));
    } catch (error) {
      const told = nativeError(this.#refused ?? error, 'Committing a transaction');
      if (!(await isAborted(producer, timeoutMs))) this.#end();
      throw told;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  async #sendOffsets(producer: NativeProducer, consumed: readonly ConsumedOffset[]): Promise<void> {
    const timeoutMs = this.#deps.options.requestTimeoutMs;
    for (const member of new Set(consumed.map((offset) => offset.member))) {
      if (!(member instanceof GroupMember)) throw foreignMember();
      const offsets = consumed
        .filter((offset) => offset.member === member)
        .map(({ topic, partition, offset }) => ({ topic, partition, offset }));
      member.checkOwns(offsets);
      await called((done) => producer.sendOffsetsToTransaction(offsets, member.consumer, timeoutMs, done));
    }
  }

  #end(): void {
    if (this.#producer !== undefined) disconnect(this.#producer);
    this.#producer = undefined;
  }
}

/** Aborts; false where that is not sure, so that the producer must begin anew. */
async function isAborted(producer: NativeProducer, timeoutMs: number): Promise<boolean> {
  try {
    await called((done) => producer.abortTransaction(timeoutMs, done));
    return true;
  } catch {
    return false;
  }
}

/** Not waited for: it flushes, and what it holds belongs to no transaction any more. */
export function disconnect(producer: NativeProducer): void {
  producer.disconnect(() => undefined);
}

function foreignMember(): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', 'The offsets are those of a member of another Kafka client.');
}
