import { isRetryable } from '../../contracts/errors.ts';

/** What became of one item of a group: its result, or why it alone was refused. */
export type Settled<Result> = { readonly result: Result } | { readonly error: unknown };

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers writes that meet into one commit: a sync to disk costs about a millisecond whatever it carries.
 * `write` is given the items in the order they came and stores them all or throws and stores none. A fault
 * that does not pass by itself may be one item's alone, so the items are then written one by one.
 */
export class GroupCommit<Item, Result> {
  readonly #windowMs: number;
  readonly #write: (items: readonly Item[]) => readonly Settled<Result>[];
  #waiting: Waiting<Item, Result>[] = [];
  #cancel: (() => void) | undefined;

  /** `windowMs` 0: what is submitted in one turn of the event loop goes together. */
  constructor(windowMs: number, write: (items: readonly Item[]) => readonly Settled<Result>[]) {
    this.#windowMs = windowMs;
    this.#write = write;
  }

  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#cancel ??= this.#later(() => this.flush());
    });
  }

  /** Writes what waits now. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length > 0) this.#settle(group);
  }

  #settle(group: readonly Waiting<Item, Result>[]): void {
    let settled: readonly Settled<Result>[];
    try {
      settled = this.#write(group.map((waiting) => waiting.item));
    } catch (error) {
      if (group.length > 1 && !isRetryable(error)) {
        for (const waiting of group) this.#settle([waiting]);
        return;
      }
      for (const waiting of group) waiting.reject(error);
      return;
    }
    group.forEach((waiting, index) => {
      const outcome = settled[index];
      if (outcome !== undefined && 'result' in outcome) waiting.resolve(outcome.result);
      else waiting.reject(outcome?.error);
    });
  }

  #later(work: () => void): () => void {
    if (this.#windowMs === 0) {
      const handle = setImmediate(work);
      return () => clearImmediate(handle);
    }
    const handle = setTimeout(work, this.#windowMs);
    return () => clearTimeout(handle);
  }
}
