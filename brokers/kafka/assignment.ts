import { OpenFrameError } from '../../contracts/errors.ts';
import { baseOffset, offsetSpan, recordCount } from '../../streams/record-batch.ts';
import type { Fetched, KafkaMember } from './client.ts';
import { DeliveryLedger } from './delivery-ledger.ts';

/** A batch as it is stored. */
interface Stored {
  readonly bytes: Buffer;
  readonly nextOffset: number;
  /** Set on the last batch of a fetch: see `Fetched.done`. */
  readonly done: (() => void) | undefined;
}

/** Batches that follow each other, joined. */
export interface Joined {
  readonly bytes: Buffer;
  readonly count: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** Called once nobody looks at the bytes any more. */
  readonly done: () => void;
}

/** What a member holds of one partition that is assigned to it. */
export class Assignment {
  readonly member: KafkaMember;
  readonly topic: string;
  readonly partition: number;
  readonly #revoked = new AbortController();
  /** Grows with each assignment and each nack: what was read under an older one is void. */
  generation: number;
  ledger = new DeliveryLedger(0);
  /** Where the next fetch begins; undefined until the group was asked what it has committed. */
  fetchOffset: number | undefined;
  /** Records below were delivered or are left out. */
  #deliverFrom = 0;
  #waiting: Stored[] = [];
  #waitingBytes = 0;

  constructor(member: KafkaMember, topic: string, partition: number, generation: number) {
    this.member = member;
    this.topic = topic;
    this.partition = partition;
    this.generation = generation;
  }

  get revoked(): AbortSignal {
    return this.#revoked.signal;
  }

  /** Bytes that were fetched and wait to be delivered. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Up to where nothing is left to do, where nothing is in hand or waits; undefined elsewhere. */
  get idleAt(): number | undefined {
    return this.#waiting.length === 0 && !this.ledger.hasOpen ? this.fetchOffset : undefined;
  }

  revoke(): void {
    this.#revoked.abort(revokedError(this.topic, this.partition));
    this.#forget();
  }

  /** Begins anew from what the group has committed: what is in hand, and what waits, is void. */
  redeliver(generation: number): void {
    this.generation = generation;
    this.fetchOffset = undefined;
    this.#forget();
  }

  /** The group has committed up to here. */
  startAt(offset: number): void {
    this.fetchOffset = offset;
    this.#deliverFrom = offset;
    this.ledger = new DeliveryLedger(offset);
  }

  take(fetched: Fetched): void {
    const last = fetched.batches.at(-1);
    for (const bytes of fetched.batches) {
      const done = bytes === last ? fetched.done : undefined;
      this.#waiting.push({ bytes, nextOffset: baseOffset(bytes) + offsetSpan(bytes), done });
      this.#waitingBytes += bytes.length;
    }
    this.fetchOffset = fetched.nextOffset;
  }

  /** The next batches for delivery: one at least, and no more than `maxRecords` beyond it. */
  next(maxRecords: number): Joined | undefined {
    const taken: Buffer[] = [];
    let count = 0;
    let nextOffset = this.#deliverFrom;
    for (const stored of this.#waiting) {
      const records = recordCount(stored.bytes);
      if (taken.length > 0 && count + records > maxRecords) break;
      taken.push(stored.bytes);
      count += records;
      nextOffset = stored.nextOffset;
    }
    const first = taken[0];
    if (first === undefined) return undefined;
    const dones = this.#waiting.splice(0, taken.length).map((stored) => stored.done);
    for (const bytes of taken) this.#waitingBytes -= bytes.length;
    // The marker that ended a transaction has an offset too: with it done, the reader is not one behind for ever.
    if (this.#waiting.length === 0) nextOffset = Math.max(nextOffset, this.fetchOffset ?? nextOffset);
    const firstOffset = Math.max(this.#deliverFrom, baseOffset(first));
    this.#deliverFrom = nextOffset;
    const done = (): void => {
      for (const each of dones) each?.();
    };
    return { bytes: join(taken), count, firstOffset, nextOffset, done };
  }

  #forget(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.ledger.clear();
  }
}

/** One view where the batches stand behind each other in memory, as fetched ones mostly do. */
function join(batches: readonly Buffer[]): Buffer {
  const first = batches[0];
  if (first === undefined) return Buffer.alloc(0);
  let end = first.byteOffset;
  for (const batch of batches) {
    if (batch.buffer !== first.buffer || batch.byteOffset !== end) return Buffer.concat(batches);
    end += batch.length;
  }
  return Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset);
}

export function revokedError(topic: string, partition: number): OpenFrameError {
  const what = `Partition ${partition} of ${topic} was assigned anew or delivered again since this was read`;
  return new OpenFrameError('BATCH_REVOKED', `${what}: discard what was made of it.`);
}
