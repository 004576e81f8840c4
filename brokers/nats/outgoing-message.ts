import { type MsgHdrs, MsgHdrsImpl } from '@nats-io/transport-node';

import type { RecordCursor } from '../../streams/record-cursor.ts';
import { type EventFields, messageIdOf, readEventFields } from './event-fields.ts';
import { encodeHead } from './record-head.ts';
import { heartbeatSubject, subjectOf } from './subjects.ts';

/** Headers of a stored message. NATS headers are text, so the head of the record is in base64. */
export const recordHeader = 'Openframe-Record';
/** In place of the above, where the head is longer than headers may be: its bytes, which the payload begins with. */
export const headBytesHeader = 'Openframe-Head-Bytes';
const longestHeaderBytes = 24 * 1024;
const heartbeatType = 'openframe.heartbeat';

export type HeaderTexts = Record<string, string[]>;

/** One record on its way into the stream. The payload is the record's value, for any reader of NATS to see. */
export interface OutgoingMessage {
  readonly subject: string;
  /** Undefined: never a duplicate. */
  readonly id: string | undefined;
  readonly payload: Buffer;
  readonly sizeBytes: number;
  /** Set on a heartbeat: where it is told as well. */
  readonly heartbeatSubject: string | undefined;
  readonly headers: HeaderTexts;
}

const nothing = Buffer.alloc(0);
const subjects = new Map<string, string>();
const knownSubjects = 10_000;

/** Makes a message of the record that the cursor stands on. The payload is a view into the cursor's bytes. */
export function outgoingMessage(cursor: RecordCursor, prefix: string): OutgoingMessage {
  const { bytes, headersStart, headersEnd, valueStart, valueEnd } = cursor;
  const fields = readEventFields(bytes, headersStart, headersEnd);
  const id = messageIdOf(fields.eventId);
  const value = valueStart < 0 ? nothing : bytes.subarray(valueStart, valueEnd);
  const head = encodeHead(cursor);
  const isLong = head.length > longestHeaderBytes;
  const isHeartbeat = fields.type === heartbeatType && fields.deviceId !== '';
  return {
    subject: storedSubject(prefix, fields),
    id,
    payload: isLong ? Buffer.concat([head, value]) : value,
    sizeBytes: head.length * 1.4 + value.length,
    heartbeatSubject: isHeartbeat ? heartbeatSubject(prefix, fields.deviceId) : undefined,
    headers: {
      ...(id === undefined ? {} : { 'Nats-Msg-Id': [id] }),
      ...(isLong ? { [headBytesHeader]: [`${head.length}`] } : { [recordHeader]: [head.toString('base64')] }),
    },
  };
}

/** The subject that a record with these fields is stored under. */
export function storedSubject(
  prefix: string,
  { tenantId, deviceId, type }: Omit<EventFields, 'eventId'>,
): string {
  const key = JSON.stringify([prefix, tenantId, deviceId, type]);
  const known = subjects.get(key);
  if (known !== undefined) return known;
  const subject = subjectOf(prefix, tenantId, deviceId, type);
  if (subjects.size >= knownSubjects) subjects.clear();
  subjects.set(key, subject);
  return subject;
}

/** Text that is known to be printable, as headers of the driver. */
export function headersOf(texts: HeaderTexts): MsgHdrs {
  return MsgHdrsImpl.fromRecord(texts);
}
