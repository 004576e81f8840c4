import type { DatabaseSync } from 'node:sqlite';

import { OpenFrameError } from '../../contracts/errors.ts';
import {
  checkBatch,
  compressBatch,
  offsetSpan,
  RecordBatchBuilder,
  recordCount,
} from '../../streams/record-batch.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import type { MessagingOptions, PublishReceipt } from '../messaging.ts';
import { batchLaneSchema, createBatchLane } from './batch-lane.ts';
import { blob, inTransaction } from './database.ts';
import type { Settled } from './group-commit.ts';
import { IdWindow, wordsPerId } from './id-window.ts';
import type { Lane } from './lane.ts';
import { readMessageIds } from './message-ids.ts';

export const messagesTable = 'messages';

export const messagingSchema = `
  ${batchLaneSchema(messagesTable)}
  CREATE TABLE message_ids (
    base_offset INTEGER PRIMARY KEY, stored_at_ms INTEGER NOT NULL, ids BLOB NOT NULL);
  CREATE INDEX message_ids_by_time ON message_ids (stored_at_ms);
  CREATE TABLE consumers (name TEXT PRIMARY KEY, floor INTEGER NOT NULL, epoch INTEGER NOT NULL) WITHOUT ROWID;`;

/** A published batch and its records' ids. */
export interface Publication {
  readonly batch: Buffer;
  readonly ids: Uint32Array;
}

/** The ids of a batch, and 1 for each that the window did not hold before. */
interface Claimed {
  readonly ids: Uint32Array;
  readonly isNew: Uint8Array;
}

/** A batch of this size without duplicates is stored as it is; smaller ones are joined to compress better. */
const storeAloneFromBytes = 32 * 1024;
const joinUpToBytes = 256 * 1024;
const retentionEveryMs = 1000;

export interface MessageStoreDeps {
  readonly db: DatabaseSync;
  readonly options: MessagingOptions;
  readonly nowMs: () => number;
  readonly hashSeed: number;
}

/** Writes what is published: drops duplicates, joins small batches, numbers the records, applies retention. */
export class MessageStore {
  readonly lane: Lane;
  readonly #deps: MessageStoreDeps;
  #window: IdWindow;
  readonly #cursor = new RecordCursor();
  readonly #joined = new RecordBatchBuilder(joinUpToBytes);
  #joinedIds = new Uint32Array(4096 * wordsPerId);
  /** What the transaction at hand added to the window. */
  #claimed: Claimed[] = [];
  /** The sequence up to which the window knows all ids; undefined before the first publish. */
  #idsUpTo: number | undefined;
  #retentionDueMs = 0;
  readonly #insertIds;
  readonly #selectIds;
  readonly #removeIds;
  readonly #selectFloor;

  constructor(deps: MessageStoreDeps) {
    const { db, nowMs, options, hashSeed } = deps;
    this.#deps = deps;
    this.lane = createBatchLane(db, { table: messagesTable, nowMs });
    this.#window = new IdWindow(options.duplicateWindowMs, hashSeed);
    this.#insertIds = db.prepare('INSERT INTO message_ids VALUES (?, ?, ?)');
    this.#selectIds = db.prepare('SELECT ids FROM message_ids WHERE base_offset >= ? AND stored_at_ms > ?');
    this.#removeIds = db.prepare('DELETE FROM message_ids WHERE stored_at_ms < ?');
    this.#selectFloor = db.prepare('SELECT MIN(floor) AS floor FROM consumers');
  }

  /** Reads the ids of a sealed batch. Throws `BATCH_CORRUPT`. */
  open(batch: Buffer): Publication {
    checkBatch(batch);
    return { batch, ids: readMessageIds(batch, this.#cursor) };
  }

  /** Stores the publications in one synced transaction, or none of them. */
  write(publications: readonly Publication[]): readonly Settled<PublishReceipt>[] {
    const nowMs = this.#deps.nowMs();
    this.#claimed = [];
    try {
      const receipts = inTransaction(this.#deps.db, () => {
        this.lane.forget();
        this.#prepareWindow(nowMs);
        this.#retain(nowMs);
        const stored = publications.map((publication) => ({ result: this.#store(publication, nowMs) }));
        this.#storeJoined(nowMs);
        return stored;
      });
      this.#idsUpTo = this.lane.endOffset();
      return receipts;
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  /** Loads the ids that a restart or another publisher's commits left to be known. */
  #prepareWindow(nowMs: number): void {
    this.#window.turn(nowMs);
    const endOffset = this.lane.endOffset();
    if (this.#idsUpTo === endOffset) return;
    const since = nowMs - this.#deps.options.duplicateWindowMs;
    const isRestart = this.#idsUpTo === undefined;
    if (isRestart) this.#window = this.#newWindow(nowMs, since);
    const window = this.#window;
    for (const row of this.#selectIds.iterate(this.#idsUpTo ?? 0, since)) {
      const ids = idsOf(blob(row['ids']));
      for (let at = 0; at < ids.length; at += wordsPerId) {
        if (isRestart) window.restore(ids, at);
        else window.add(ids, at);
      }
    }
    this.#idsUpTo = endOffset;
  }

  /** Sized for the ids to be restored, so that they go in without growing it step by step. */
  #newWindow(nowMs: number, since: number): IdWindow {
    const { db, options, hashSeed } = this.#deps;
    const row = db
      .prepare('SELECT SUM(length(ids)) AS size_bytes FROM message_ids WHERE stored_at_ms > ?')
      .get(since);
    const expectedIds = Number(row?.['size_bytes'] ?? 0) / (wordsPerId * Uint32Array.BYTES_PER_ELEMENT);
    const window = new IdWindow(options.duplicateWindowMs, hashSeed, expectedIds);
    window.turn(nowMs);
    return window;
  }

  #store({ batch, ids }: Publication, nowMs: number): PublishReceipt {
    const isNew = this.#claimIds(ids);
    const records = recordCount(batch);
    const stored = isNew.reduce((sum, flag) => sum + flag, 0);
    if (stored === records && batch.length >= storeAloneFromBytes && offsetSpan(batch) === records) {
      this.#storeJoined(nowMs);
      this.#append(compressBatch(batch), ids, nowMs);
    } else if (stored > 0) this.#join(batch, ids, isNew, nowMs);
    return { stored, duplicates: records - stored };
  }

  /** Adds the ids to the window; 1 for each that it did not hold. A record without an id is always new. */
  #claimIds(ids: Uint32Array): Uint8Array {
    const window = this.#window;
    const isNew = new Uint8Array(ids.length / wordsPerId);
    for (let at = 0, i = 0; at < ids.length; at += wordsPerId, i++) {
      if (window.has(ids, at)) continue;
      isNew[i] = 1;
      window.add(ids, at);
    }
    this.#claimed.push({ ids, isNew });
    return isNew;
  }

  #join(batch: Buffer, ids: Uint32Array, isNew: Uint8Array, nowMs: number): void {
    const cursor = this.#cursor;
    cursor.reset(batch);
    for (let i = 0; cursor.next(); i++) {
      if (isNew[i] !== 1) continue;
      this.#keepId(ids, i * wordsPerId);
      this.#joined.appendFrom(cursor);
    }
    if (this.#joined.sizeBytes >= joinUpToBytes) this.#storeJoined(nowMs);
  }

  #storeJoined(nowMs: number): void {
    if (this.#joined.count === 0) return;
    const ids = this.#joinedIds.subarray(0, this.#joined.count * wordsPerId);
    this.#append(this.#joined.finish({ compress: true }), ids, nowMs);
  }

  /** Keeps the id of the record that is joined next. */
  #keepId(ids: Uint32Array, at: number): void {
    const to = this.#joined.count * wordsPerId;
    if (to === this.#joinedIds.length) {
      const grown = new Uint32Array(to * 2);
      grown.set(this.#joinedIds);
      this.#joinedIds = grown;
    }
    for (let i = 0; i < wordsPerId; i++) this.#joinedIds[to + i] = ids[at + i] ?? 0;
  }

  #append(batch: Buffer, ids: Uint32Array, nowMs: number): void {
    const sequence = this.lane.append(batch);
    this.#insertIds.run(sequence, nowMs, new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
  }

  #retain(nowMs: number): void {
    const { options } = this.#deps;
    const isFull = (): boolean => this.lane.sizeBytes() > options.retentionBytes;
    if (nowMs < this.#retentionDueMs && !isFull()) return;
    this.#retentionDueMs = nowMs + retentionEveryMs;
    const expired = this.lane.expiredBelow(options, nowMs);
    const floor = this.#selectFloor.get()?.['floor'] ?? expired;
    this.lane.removeBelow(Math.min(expired, Number(floor)));
    this.#removeIds.run(nowMs - options.duplicateWindowMs);
    if (Number(floor) < expired && isFull()) {
      const message = 'The stream is full of messages that a consumer has not processed: try again later.';
      throw new OpenFrameError('NOT_DURABLE_NOW', message, { retryable: true });
    }
  }

  #takeBack(): void {
    for (const { ids, isNew } of this.#claimed) {
      isNew.forEach((flag, i) => {
        if (flag === 1) this.#window.remove(ids, i * wordsPerId);
      });
    }
    this.#joined.finish();
    this.#retentionDueMs = 0;
    this.lane.forget();
  }
}

function idsOf(bytes: Buffer): Uint32Array {
  const ids = new Uint32Array(bytes.length / Uint32Array.BYTES_PER_ELEMENT);
  new Uint8Array(ids.buffer).set(bytes);
  return ids;
}
