import { isUtf8 } from 'node:buffer';
import type { Type } from 'protobufjs';

import { messageOf } from '../../../contracts/errors.ts';
import type { OtlpInput, OtlpRead } from '../../../contracts/otlp.ts';
import { decodeProtobuf } from './protobuf.ts';

/** A request in its JSON form, or why the bytes are none. */
export function readRequest(
  { bytes, encoding }: OtlpInput,
  request: Type,
): { readonly kind: 'request'; readonly request: unknown } | Extract<OtlpRead, { kind: 'refused' }> {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (encoding === 'protobuf') return { kind: 'request', request: decodeProtobuf(body, request) };
    if (!isUtf8(body)) throw new Error('it is not UTF-8');
    return { kind: 'request', request: JSON.parse(body.toString('utf8')) };
  } catch (error) {
    return { kind: 'refused', reason: 'NOT_OTLP', detail: messageOf(error) };
  }
}
