import { topics } from '../contracts/topics.ts';
import { blockOf } from '../streams/byte-block.ts';
import type { RecordView } from '../streams/record.ts';
import { deadLetter, drop, emit, type Stage, type StageOpening, type StageTask } from '../streams/stage.ts';
import { FingerprintSet } from './fingerprint-set.ts';
import { readUuid } from './uuid-text.ts';

export interface DedupeOptions {
  /** How long, by the times of acceptance, an event is remembered after it was seen. */
  readonly windowMs: number;
  /** How long the marks stay on the log: longer than the window takes to pass, outages included. */
  readonly marksRetentionMs: number;
}

const markBytes = 16;
const duplicate = drop('duplicate');
const notUuid = deadLetter('EVENT_ID_INVALID: eventid is not a UUID');

/**
 * Lets each event through once. `eventId` is the UUIDv5 of (tenant, source, id), so it includes the tenant;
 * 96 of its bits are the fingerprint. What was newly seen is written as 16-byte marks in the transaction of
 * the outputs: the mark and its effect are durable together or not at all.
 *
 * One set and one clock a partition. The clock is the newest time at which the platform accepted an event, so that no
 * device's wrong clock can expire another's ids, neither one that is ahead nor a first one that is late; an id is kept
 * for a window from when it was seen.
 */
export function dedupe(options: DedupeOptions): Stage {
  return {
    name: 'dedupe',
    reads: ['eventId', 'ingestTime', 'replay'],
    adds: [],
    changelog: { topic: topics.marks, cleanup: 'delete', retentionMs: options.marksRetentionMs },
    open: (opening) => new DedupeTask(options, opening),
  };
}

class DedupeTask implements StageTask {
  readonly #set: FingerprintSet;
  readonly #opening: StageOpening;
  readonly #words = new Int32Array(4);
  readonly #eventId;
  readonly #ingestTime;
  readonly #replay;
  #marks = blockOf(Buffer.allocUnsafeSlow(64 * 1024));
  #marksLength = 0;

  constructor(options: DedupeOptions, opening: StageOpening) {
    this.#opening = opening;
    this.#set = new FingerprintSet({ windowMs: options.windowMs, seed: opening.random.uint32() });
    this.#eventId = opening.field('eventId');
    this.#ingestTime = opening.field('ingestTime');
    this.#replay = opening.field('replay');
  }

  process(record: RecordView) {
    const words = this.#words;
    if (!readUuid(record.range(this.#eventId), words)) return notUuid;
    if (record.has(this.#replay)) mixReplay(record.text(this.#replay), words);
    this.#set.advance(Math.floor(record.number(this.#ingestTime) / 1000));
    const a = words[0] as number;
    const b = words[1] as number;
    const c = (words[2] as number) ^ (words[3] as number);
    if (!this.#set.add(a, b, c)) return duplicate;
    this.#mark(a, b, c);
    return emit;
  }

  changes() {
    if (this.#marksLength === 0) return [];
    const value = this.#marks.bytes.subarray(0, this.#marksLength);
    this.#marksLength = 0;
    return [{ key: null, value, timestampMs: this.#opening.clock.nowMs() }];
  }

  restore(record: { readonly value: Uint8Array | null }): void {
    if (record.value === null) return;
    const marks = Buffer.from(record.value.buffer, record.value.byteOffset, record.value.byteLength);
    for (let at = 0; at + markBytes <= marks.length; at += markBytes) {
      this.#set.restore(
        marks.readInt32LE(at),
        marks.readInt32LE(at + 4),
        marks.readInt32LE(at + 8),
        marks.readInt32LE(at + 12),
      );
    }
  }

  entries(): number {
    return this.#set.stats().entries;
  }

  #mark(a: number, b: number, c: number): void {
    const at = this.#marksLength;
    if (at + markBytes > this.#marks.bytes.length) {
      this.#marks = blockOf(Buffer.concat([this.#marks.bytes], this.#marks.bytes.length * 2));
    }
    const { view } = this.#marks;
    view.setInt32(at, a, true);
    view.setInt32(at + 4, b, true);
    view.setInt32(at + 8, c, true);
    view.setInt32(at + 12, this.#set.nowSeconds, true);
    this.#marksLength += markBytes;
  }
}

/** A replayed dead letter was marked when it first came; its identity is the event and the replay. */
function mixReplay(replay: string, words: Int32Array): void {
  for (let i = 0; i < replay.length; i++) {
    const at = i & 3;
    words[at] = Math.imul((words[at] as number) ^ replay.charCodeAt(i), 0x01000193);
  }
}
