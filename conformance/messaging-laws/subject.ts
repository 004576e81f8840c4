import type { Messaging } from '../../brokers/messaging.ts';
import { headers } from '../../contracts/topics.ts';
import { sealed } from '../batches.ts';

export const duplicateWindowMs = 120_000;
export const retentionMs = 3_600_000;
export const retentionBytes = 64 * 1024;

/** A fresh, empty storage of one stream, with the three limits above. */
export interface MessagingSubject extends AsyncDisposable {
  /** Opens the storage. Once more without closing the first: a crash and restart, or a second process. */
  open(): Promise<Messaging>;
  /** Moves the engine's time on. */
  advance(ms: number): Promise<void>;
  /** From now on no write succeeds, until `mendWrites`. */
  failWrites(): void;
  mendWrites(): void;
}

/** A record whose id is a UUID made of the number. */
export function message(number: number, value = `m${number}`) {
  const id = `00000000-0000-5000-8000-${number.toString(16).padStart(12, '0')}`;
  return { key: value, value, headers: { other: 'x', [headers.eventId]: id } };
}

export function messages(...numbers: readonly number[]): Buffer {
  return sealed(...numbers.map((number) => message(number)));
}
