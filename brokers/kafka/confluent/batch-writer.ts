import { recordCount } from '../../../streams/record-batch.ts';
import type { BatchFor } from '../client.ts';
import type { ConfluentDeps } from './configuration.ts';
import { nativeError } from './faults.ts';
import type { DeliveryReport, NativeProducer } from './librdkafka.ts';
import { disconnect } from './producer.ts';
import { connectProducer, produceBatch } from './producing.ts';

/** One batch on its way: ended by the report of its last record. */
class Delivery {
  readonly stored: Promise<number>;
  #left: number;
  #first = Infinity;
  #fault: Error | undefined;
  #end: { resolve: (offset: number) => void; reject: (error: Error) => void };

  constructor(count: number) {
    this.#left = count;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.stored = promise;
    this.#end = { resolve, reject };
  }

  report(error: Error | null, offset: number): void {
    if (error !== null) this.#fault ??= error;
    this.#first = Math.min(this.#first, offset);
    this.#left--;
    if (this.#left > 0) return;
    if (this.#fault === undefined) this.#end.resolve(this.#first);
    else this.#end.reject(this.#fault);
  }
}

/** Writes batches outside of transactions. */
export class BatchWriter {
  readonly #deps: ConfluentDeps;
  #producer: Promise<NativeProducer> | undefined;

  constructor(deps: ConfluentDeps) {
    this.#deps = deps;
  }

  /** The offset of the batch's first record. */
  async append(target: BatchFor): Promise<number> {
    const delivery = new Delivery(recordCount(target.batch));
    try {
      this.#producer ??= this.#connect();
      const producer = await this.#producer;
      await produceBatch(this.#deps, producer, target, delivery);
      return await delivery.stored;
    } catch (error) {
      throw nativeError(error, 'Writing a batch');
    }
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    if (producer !== undefined) disconnect(producer);
  }

  async #connect(): Promise<NativeProducer> {
    const { requestTimeoutMs } = this.#deps.options;
    const config = { 'message.timeout.ms': requestTimeoutMs, 'linger.ms': 0 };
    const onReport = (error: Error | null, { opaque, offset }: DeliveryReport): void => {
      if (opaque instanceof Delivery) opaque.report(error, offset);
    };
    try {
      return await connectProducer(this.#deps, config, onReport);
    } catch (error) {
      this.#producer = undefined;
      throw error;
    }
  }
}
