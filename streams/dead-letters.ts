import type { DeadLetter } from '../contracts/dead-letter.ts';
import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import type { RecordInput } from './record-batch.ts';
import type { StreamRecord } from './record.ts';

/** Where a record failed, and why. */
export interface DeadLetterCause {
  readonly topology: string;
  readonly stage: string;
  readonly reason: string;
  readonly cause?: unknown;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly atMs: number;
}

/** The dead letter as a record of `telemetry.dead-letters.v1`, keyed by its id. */
export function deadLetterRecord(record: StreamRecord, why: DeadLetterCause): RecordInput {
  const letter: DeadLetter = {
    deadLetterId: `${why.topology}-${why.topic}-${why.partition}-${why.offset}`,
    tenantId: record.headers['tenant'] ?? null,
    topology: why.topology,
    stage: why.stage,
    reason: why.reason,
    error: why.cause === undefined ? null : messageOf(why.cause),
    topic: why.topic,
    partition: why.partition,
    offset: why.offset,
    eventTimeMs: record.eventTimeMs,
    deadLetteredAtMs: why.atMs,
    key: record.key,
    headers: { ...record.headers },
    value: record.value === null ? null : Buffer.from(record.value).toString('base64'),
    replays: Number(record.headers['replays'] ?? 0),
  };
  return { key: letter.deadLetterId, value: JSON.stringify(letter), timestampMs: why.atMs };
}

export interface DeadLetterLimit {
  /** Stop when more than this share of the last records went to the dead letters. */
  readonly share: number;
  /** Judge only over at least this many records. */
  readonly minRecords: number;
}

/** So that a bad deploy stops instead of sending everything to the dead letters. */
export class DeadLetterGuard {
  readonly #limit: DeadLetterLimit;
  #records = 0;
  #letters = 0;

  constructor(limit: DeadLetterLimit) {
    this.#limit = limit;
  }

  /** Called before a batch commits. Throws `DEAD_LETTER_LIMIT` where the share is passed. */
  check(topology: string, records: number, letters: number): void {
    const total = this.#records + records;
    const dead = this.#letters + letters;
    if (letters > 0 && total >= this.#limit.minRecords && dead / total > this.#limit.share) {
      throw new OpenFrameError(
        'DEAD_LETTER_LIMIT',
        `The topology '${topology}' stopped: ${dead} of its last ${total} records could not be processed, ` +
          `more than ${this.#limit.share * 100} %. Nothing is lost: mend the stage that the dead letters name ` +
          `(openframe dead-letters list) and start it again.`,
        { details: { topology, records: total, deadLetters: dead } },
      );
    }
    const forget = total > this.#limit.minRecords * 10;
    this.#records = forget ? total / 2 : total;
    this.#letters = forget ? dead / 2 : dead;
  }
}
