import type { Msg } from '@nats-io/transport-node';

import { headers, rawKey } from '../../contracts/topics.ts';
import { encodeHeaders } from '../../streams/encoded-headers.ts';
import type { RecordBatchBuilder } from '../../streams/record-batch.ts';
import { readEventFields } from './event-fields.ts';
import { headBytesHeader, recordHeader, storedSubject } from './outgoing-message.ts';
import { decodeHead, type RecordHead } from './record-head.ts';
import { ownerOf } from './subjects.ts';

/** What a message of the stream says of itself in its reply subject (`$JS.ACK.…`). */
export interface Delivered {
  readonly msg: Msg;
  /** The stream's sequence: the record's offset. */
  readonly sequence: number;
  /** Counts what this consumer was sent, from 1: a gap means that another reader was sent something. */
  readonly consumerSequence: number;
  readonly storedAtMs: number;
  /** Whether the next message was published apart from it: no more of its atomic batch follows. */
  readonly endsBatch: boolean;
}

/** Undefined for what is no message of a stream: a status. */
export function deliveredOf(msg: Msg): Delivered | undefined {
  const tokens = msg.reply?.split('.') ?? [];
  // Short: $JS.ACK.<stream>.<consumer>.…; long: with the domain and the account in front of the stream.
  const at = tokens.length === 9 ? 4 : 6;
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < at + 5) return undefined;
  return {
    msg,
    sequence: Number(tokens[at + 1]),
    consumerSequence: Number(tokens[at + 2]),
    storedAtMs: Math.floor(Number(tokens[at + 3]) / 1e6),
    endsBatch: !msg.headers?.has('Nats-Batch-Id') || msg.headers.has('Nats-Batch-Commit'),
  };
}

/** The reply subject of another message that the same consumer was sent. */
export function ackSubject(like: string, sequence: number, consumerSequence: number): string {
  const tokens = like.split('.');
  const at = tokens.length === 9 ? 4 : 6;
  tokens[at + 1] = `${sequence}`;
  tokens[at + 2] = `${consumerSequence}`;
  return tokens.join('.');
}

/**
 * Appends the record that a message holds, part by part as it was published. A message that a device published
 * itself has no head of ours; and a head that speaks of another tenant or device than the message's subject, whose
 * publisher the server has checked, is forged: of such a message the payload alone counts, under the subject's names.
 */
export function appendRecord(
  builder: RecordBatchBuilder,
  { msg, storedAtMs }: Delivered,
  prefix: string,
): void {
  const payload = Buffer.from(msg.data.buffer, msg.data.byteOffset, msg.data.byteLength);
  const headBytes = Number(msg.headers?.get(headBytesHeader) || 0);
  const encoded = msg.headers?.get(recordHeader) ?? '';
  const head = trustedHead(
    headBytes > 0 ? payload.subarray(0, headBytes) : Buffer.from(encoded, 'base64'),
    msg.subject,
    prefix,
  );
  if (head !== undefined) {
    const value = head.hasValue ? payload.subarray(headBytes) : null;
    builder.append(head.timestampMs, head.key, value, head.headers);
    return;
  }
  const { tenant, device } = ownerOf(prefix, msg.subject);
  const key = Buffer.from(rawKey(tenant, `/agents/${device}`));
  const named = { [headers.tenant]: tenant, [headers.device]: device };
  builder.append(storedAtMs, key, payload, encodeHeaders(named));
}

function trustedHead(bytes: Buffer, subject: string, prefix: string): RecordHead | undefined {
  if (bytes.length === 0) return undefined;
  try {
    const head = decodeHead(bytes);
    const fields = readEventFields(head.headers, 0, head.headers.length);
    return storedSubject(prefix, fields) === subject ? head : undefined;
  } catch {
    return undefined;
  }
}
