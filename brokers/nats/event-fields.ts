import { createHash } from 'node:crypto';

import { headers } from '../../contracts/topics.ts';
import { HeaderReader } from '../../streams/record-cursor.ts';

/** What a message's subject and identity are made of; empty where the record has no such header. */
export interface EventFields {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly type: string;
  readonly eventId: string;
}

const reader = new HeaderReader();

/** Reads the header section in place. Throws `BATCH_CORRUPT`. */
export function readEventFields(bytes: Buffer, start: number, end: number): EventFields {
  const fields = { tenantId: '', deviceId: '', type: '', eventId: '' };
  reader.reset(bytes, start, end);
  while (reader.next()) {
    if (reader.valueStart < 0) continue;
    const text = (): string => bytes.toString('utf8', reader.valueStart, reader.valueEnd);
    switch (bytes.toString('latin1', reader.nameStart, reader.nameEnd)) {
      case headers.tenant:
        fields.tenantId = text();
        break;
      case headers.device:
        fields.deviceId = text();
        break;
      case headers.type:
        fields.type = text();
        break;
      case headers.eventId:
        fields.eventId = text();
        break;
      default:
    }
  }
  return fields;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The id that JetStream knows a message by: a UUID in its canonical form, a hash of any other text, which may hold
 * what a header cannot. Undefined where the record has none: it is always new.
 */
export function messageIdOf(eventId: string): string | undefined {
  if (eventId === '') return undefined;
  if (uuid.test(eventId)) return eventId.toLowerCase();
  return `sha256-${createHash('sha256').update(eventId).digest('hex')}`;
}
