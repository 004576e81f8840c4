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

/** All that a letter says but for what it copies of its record. */
export function letterHead(
  eventTimeMs: number,
  { tenantId, replays }: Pick<DeadLetter, 'tenantId' | 'replays'>,
  why: DeadLetterCause,
): Omit<DeadLetter, 'key' | 'headers' | 'value'> {
  const place = `${why.topology}-${why.topic}-${why.partition}-${why.offset}`;
  return {
    deadLetterId:
      why.derivedKey === undefined ? place : `${place}-${why.stage}-${why.derivedKey}-${eventTimeMs}`,
    tenantId,
    topology: why.topology,
    stage: why.stage,
    reason: why.reason,
    ...(why.sender === undefined ? {} : { sender: why.sender }),
    error: why.cause === undefined ? null : messageOf(why.cause),
    topic: why.topic,
    partition: why.partition,
    offset: why.offset,
    eventTimeMs,
    deadLetteredAtMs: why.atMs,
    replays,
  };
}

/** The dead letter of a record that is at hand as an object. */
export function deadLetterOf(record: StreamRecord, why: DeadLetterCause): DeadLetter {
  const { headers, key, value, eventTimeMs } = record;
  const found = { tenantId: headers['tenant'] ?? null, replays: replaysOf(headers) };
  return {
    ...letterHead(eventTimeMs, found, why),
    key,
    headers: { ...headers },
    value: value === null ? null : Buffer.from(value).toString('base64'),
  };
}

/** The same as a record of `telemetry.dead-letters.v1`, keyed by its id. */
export function deadLetterRecord(record: StreamRecord, why: DeadLetterCause): RecordInput {
  const letter = deadLetterOf(record, why);
  return { key: letter.deadLetterId, value: JSON.stringify(letter), timestampMs: why.atMs };
}

/** How often the record was replayed, by what its headers say. */
export function replaysOf(headers: StreamRecord['headers']): number {
  return replaysFrom(headers['replays'] ?? '0');
}

/** The same from the header's text; 0 where it is no count. */
export function replaysFrom(text: string): number {
  const replays = Number(text);
  return Number.isSafeInteger(replays) && replays >= 0 ? replays : 0;
}
