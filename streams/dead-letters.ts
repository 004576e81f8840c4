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
  /** Where the stage was handed a derived record, several of which may stem from one offset: what tells them apart. */
  readonly derivedKey?: string;
}

/** The dead letter as a record of `telemetry.dead-letters.v1`, keyed by its id. */
export function deadLetterRecord(record: StreamRecord, why: DeadLetterCause): RecordInput {
  const place = `${why.topology}-${why.topic}-${why.partition}-${why.offset}`;
  const letter: DeadLetter = {
    deadLetterId:
      why.derivedKey === undefined ? place : `${place}-${why.stage}-${why.derivedKey}-${record.eventTimeMs}`,
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
    replays: replaysOf(record.headers),
  };
  return { key: letter.deadLetterId, value: JSON.stringify(letter), timestampMs: why.atMs };
}

function replaysOf(headers: StreamRecord['headers']): number {
  const replays = Number(headers['replays'] ?? 0);
  return Number.isSafeInteger(replays) && replays >= 0 ? replays : 0;
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

  /** Called before a batch commits, and again when it is repeated. Throws `DEAD_LETTER_LIMIT` where the share is passed. */
  check(topology: string, records: number, letters: number): void {
    const total = this.#records + records;
    const dead = this.#letters + letters;
    if (letters === 0 || total < this.#limit.minRecords || dead / total <= this.#limit.share) return;
    throw new OpenFrameError(
      'DEAD_LETTER_LIMIT',
      `The topology '${topology}' stopped: ${Math.ceil(dead)} of its last ${Math.ceil(total)} records could not be ` +
        `processed, more than ${this.#limit.share * 100} %. Nothing is lost: mend the stage that the dead letters ` +
        `name (openframe dead-letters list) and start it again.`,
      { details: { topology, records: Math.ceil(total), deadLetters: Math.ceil(dead) } },
    );
  }

  /** Called once a batch has committed: a batch that is repeated counts once. */
  count(records: number, letters: number): void {
    const forget = this.#records + records > this.#limit.minRecords * 10 ? 2 : 1;
    this.#records = (this.#records + records) / forget;
    this.#letters = (this.#letters + letters) / forget;
  }
}
