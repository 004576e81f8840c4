import type { BatchFor, ConsumedOffset, KafkaProducer } from './client.ts';

/**
 * Commits one transaction after the other, as one producer would, under several transactional ids in turn: the brokers
 * refuse an id while they still mark the end of its last transaction in the partitions, and the next id need not wait
 * for that. A commit that was answered is decided, so what follows it may begin. One that failed may not be decided: its
 * id keeps the turn, and ends what is open before it begins another.
 */
export class ProducersInTurn implements KafkaProducer {
  readonly #producers: readonly KafkaProducer[];
  #turn = 0;

  private constructor(producers: readonly KafkaProducer[]) {
    this.#producers = producers;
  }

  /** Resolves once all of them have ended what former owners of their ids left open. Throws what opening one throws. */
  static async open(openings: readonly Promise<KafkaProducer>[]): Promise<ProducersInTurn> {
    const opened = await Promise.allSettled(openings);
    const producers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = opened.find((each) => each.status === 'rejected');
    const inTurn = new ProducersInTurn(producers);
    if (failed === undefined) return inTurn;
    await inTurn[Symbol.asyncDispose]();
    throw failed.reason;
  }

  async commit(batches: readonly BatchFor[], consumed: readonly ConsumedOffset[]): Promise<void> {
    await this.#producers[this.#turn]?.commit(batches, consumed);
    this.#turn = (this.#turn + 1) % this.#producers.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#producers.map(async (producer) => producer[Symbol.asyncDispose]()));
  }
}
