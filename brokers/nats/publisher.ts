import type { Clock } from '../../streams/clock.ts';
import { natsFault } from './faults.ts';
import type { NatsLink } from './link.ts';
import { type MessageWriter, notDurable } from './message-writer.ts';
import type { Entry } from './publish-lane.ts';
import type { RecentIds } from './recent-ids.ts';
import type { Retention } from './retention.ts';

export interface PublisherDeps {
  readonly link: NatsLink;
  readonly writer: MessageWriter;
  readonly retention: Retention;
  readonly recentIds: RecentIds;
  readonly clock: Clock;
}

/** A full stream is made room in, or another publisher stores one of the ids, between one attempt and the next. */
const maxAttempts = 8;

/** Stores groups of messages: each once, in order, durable when `store` resolves. */
export class Publisher {
  readonly #deps: PublisherDeps;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  /** Counts each entry as stored or duplicate. Throws a retryable `NOT_DURABLE_NOW`; entries may be stored even so. */
  async store(group: readonly Entry[]): Promise<void> {
    const { retention, recentIds, clock } = this.#deps;
    try {
      await retention.applyAge();
    } catch (error) {
      throw notDurable('the stream cannot be read', natsFault(error, 'Publishing to NATS'));
    }
    const startedMs = clock.nowMs();
    const inGroup = new Set<string>();
    const fresh = group.filter(({ message: { id } }) => {
      if (id === undefined) return true;
      if (inGroup.has(id) || recentIds.has(id)) return false;
      inGroup.add(id);
      return true;
    });
    const stored = new Set(await this.#storeNew(fresh));
    for (const entry of group) {
      const { message, publication } = entry;
      if (stored.has(entry)) {
        publication.stored++;
        if (message.id !== undefined) recentIds.add(message.id, startedMs);
        this.#tellHeartbeat(entry);
      } else publication.duplicates++;
    }
  }

  /** Stores those that the server does not have; returns them. */
  async #storeNew(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const { writer, retention } = this.#deps;
    let missing = entries;
    for (let attempt = 0; attempt < maxAttempts && missing.length > 0; attempt++) {
      const messages = missing.map(({ message }) => message);
      const written = await writer.write(messages);
      if (written === 'stored') return missing;
      if (written === 'has-duplicates') {
        const ids = messages.flatMap(({ id }) => id ?? []);
        const stored = messages.length === 1 ? new Set(ids) : await writer.findStored(ids);
        missing = missing.filter(({ message: { id } }) => id === undefined || !stored.has(id));
        continue;
      }
      const bytes = messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      if (!(await this.#makeRoom(retention, bytes))) {
        throw notDurable('the stream is full, and a consumer has yet to process what it holds');
      }
    }
    if (missing.length === 0) return [];
    throw notDurable('others publish the same messages, or fill the stream as fast as it empties');
  }

  async #makeRoom(retention: Retention, bytes: number): Promise<boolean> {
    try {
      return await retention.makeRoom(bytes);
    } catch (error) {
      throw notDurable('the stream is full', natsFault(error, 'Publishing to NATS'));
    }
  }

  /** For listeners of the moment: a heartbeat that nobody hears is none the less stored. */
  #tellHeartbeat({ message: { heartbeatSubject, payload } }: Entry): void {
    const { nc, lost } = this.#deps.link;
    if (heartbeatSubject !== undefined && !lost.aborted) nc.publish(heartbeatSubject, payload);
  }
}
