/** So many at most, that the memory of their batches stays bounded however many partitions there are. */
const mostInHand = 8;

/** What a work came to: the fault for which its batch was given back to the source, or undefined. */
type Ended = Promise<Error | undefined>;

/**
 * Works of several partitions, each in its turn: one of a partition begins once the one before has ended, those of
 * others run meanwhile. Owned by one run.
 */
export class PartitionWorks {
  readonly #inHand = new Map<number, Ended>();
  readonly #failed = new AbortController();
  #thrown: { readonly error: unknown } | undefined;

  /** Aborts when a work has thrown: nothing should be begun any more. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /**
   * Resolves when the work has begun. Where the one before it gave its batch back, this one's would come too early: it
   * is not begun, and the fault is handed out. Throws what another one has thrown.
   */
  async begin(partition: number, work: () => Ended): Ended {
    const givenBack = await this.#inHand.get(partition);
    while (this.#inHand.size >= mostInHand) await Promise.race(this.#inHand.values());
    this.#rethrow();
    if (givenBack !== undefined) return givenBack;
    const running: Ended = work()
      .catch((error: unknown) => {
        this.#thrown ??= { error };
        this.#failed.abort();
        return undefined;
      })
      .finally(() => this.#inHand.delete(partition));
    this.#inHand.set(partition, running);
    return undefined;
  }

  /** Resolves when none is in hand. Throws what one has thrown. */
  async done(): Promise<void> {
    await Promise.all(this.#inHand.values());
    this.#rethrow();
  }

  #rethrow(): void {
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }
}
