import { setImmediate as turnOfEventLoop } from 'node:timers/promises';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import type { PublishReceipt } from '../messaging.ts';
import type { OutgoingMessage } from './outgoing-message.ts';

/** One call of `publish`, and how far it is. */
export interface Publication {
  readonly messages: readonly OutgoingMessage[];
  stored: number;
  duplicates: number;
  /** Messages that were handed to a group. */
  taken: number;
  readonly done: PromiseWithResolvers<PublishReceipt>;
  failed: boolean;
}

/** A message and the call that it belongs to. */
export interface Entry {
  readonly message: OutgoingMessage;
  readonly publication: Publication;
}

export interface PublishLaneDeps {
  /** Stores a group, in order, and counts each entry in its publication. Throws where it is not durable. */
  readonly store: (group: readonly Entry[]) => Promise<void>;
  readonly maxQueuedBytes: number;
  readonly clock: Clock;
  /** How long a group that is not full waits for more; 0: for the end of the event loop's turn. */
  readonly lingerMs: number;
}

/** What the server takes as one batch (ADR-50). */
const maxGroupMessages = 1000;
const maxGroupBytes = 8 * 1024 * 1024;

/**
 * Brings publishes to the server one group after another: what comes while a group is under way makes up the next
 * one, so a busy door syncs once for many. One lane keeps the order of a device's events.
 */
export class PublishLane {
  readonly #deps: PublishLaneDeps;
  #queue: Publication[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | undefined;

  constructor(deps: PublishLaneDeps) {
    this.#deps = deps;
  }

  async submit(messages: readonly OutgoingMessage[]): Promise<PublishReceipt> {
    const bytes = bytesOf(messages);
    if (this.#queue.length > 0 && this.#queuedBytes + bytes > this.#deps.maxQueuedBytes) {
      const what = `${this.#queuedBytes} bytes of messages wait for NATS already: try again later.`;
      throw new OpenFrameError('NOT_DURABLE_NOW', what, { retryable: true });
    }
    const done = Promise.withResolvers<PublishReceipt>();
    this.#queue.push({ messages, done, stored: 0, duplicates: 0, taken: 0, failed: false });
    this.#queuedBytes += bytes;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    try {
      return await done.promise;
    } finally {
      this.#queuedBytes -= bytes;
    }
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // Calls of the same turn of the event loop meet.
    await turnOfEventLoop();
    while (this.#queue.length > 0) {
      await this.#linger();
      const group = this.#takeGroup();
      try {
        await this.#deps.store(group);
        for (const { publication } of group) settle(publication);
      } catch (error) {
        for (const { publication } of group) {
          publication.failed = true;
          publication.done.reject(error);
        }
      }
      this.#queue = this.#queue.filter(({ failed, taken, messages }) => !failed && taken < messages.length);
    }
  }

  async #linger(): Promise<void> {
    const { clock, lingerMs } = this.#deps;
    const waiting = this.#queue.reduce((sum, { messages, taken }) => sum + messages.length - taken, 0);
    if (lingerMs > 0 && waiting < maxGroupMessages) await clock.sleep(lingerMs);
  }

  #takeGroup(): Entry[] {
    const group: Entry[] = [];
    let bytes = 0;
    for (const publication of this.#queue) {
      while (publication.taken < publication.messages.length) {
        const message = publication.messages[publication.taken];
        if (message === undefined) break;
        bytes += message.sizeBytes;
        if (group.length === maxGroupMessages || (group.length > 0 && bytes > maxGroupBytes)) return group;
        publication.taken++;
        group.push({ message, publication });
      }
    }
    return group;
  }
}

function bytesOf(messages: readonly OutgoingMessage[]): number {
  return messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function settle({ messages, stored, duplicates, done }: Publication): void {
  if (stored + duplicates === messages.length) done.resolve({ stored, duplicates });
}
