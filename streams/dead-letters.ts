import type { DeadLetter } from '../contracts/dead-letter.ts';
import { messageOf } from '../contracts/errors.ts';
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
  /** Who sent the record, where a stage said so. */
  readonly sender?: string;
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
    ...(why.sender === undefined ? {} : { sender: why.sender }),
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

/** How often the record was replayed, by what its headers say. */
export function replaysOf(headers: StreamRecord['headers']): number {
  const replays = Number(headers['replays'] ?? 0);
  return Number.isSafeInteger(replays) && replays >= 0 ? replays : 0;
}
