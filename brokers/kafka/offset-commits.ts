import type { KafkaMember, PlaceOffset } from './client.ts';

/** Commits offsets of a member: those that come while one commit is under way go together in the next. */
export class OffsetCommits {
  readonly #member: KafkaMember;
  #waiting = new Map<string, PlaceOffset>();
  #next: Promise<void> | undefined;
  #current: Promise<void> = Promise.resolve();

  constructor(member: KafkaMember) {
    this.#member = member;
  }

  /** Resolves when it is durable. */
  async commit(offset: PlaceOffset): Promise<void> {
    this.#waiting.set(`${offset.partition} ${offset.topic}`, offset);
    this.#next ??= this.#commitWaiting();
    await this.#next;
  }

  async #commitWaiting(): Promise<void> {
    await this.#current.catch(() => {});
    const offsets = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#next = undefined;
    this.#current = this.#member.commit(offsets);
    await this.#current;
  }
}
