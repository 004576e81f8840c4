import type { OtlpEncoding } from '../../contracts/otlp.ts';
import { ByteWriter } from '../../streams/byte-writer.ts';

export const otlpMediaTypes: Readonly<Record<OtlpEncoding, string>> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
};

/** What was not taken; `field` is its name in the JSON form of the signal's response. */
export interface PartialSuccess {
  readonly field: 'rejectedLogRecords' | 'rejectedDataPoints';
  readonly rejected: number;
  readonly errorMessage: string;
}

/** An Export…ServiceResponse: empty for full success (OTLP specification, "OTLP/HTTP Response"). */
export function exportResponse(encoding: OtlpEncoding, partial: PartialSuccess): Buffer {
  const { field, rejected, errorMessage } = partial;
  if (encoding === 'json') {
    const body = rejected === 0 ? {} : { partialSuccess: { [field]: String(rejected), errorMessage } };
    return Buffer.from(JSON.stringify(body));
  }
  if (rejected === 0) return Buffer.alloc(0);
  const inner = new ByteWriter(256);
  numberField(inner, 1, rejected);
  bytesField(inner, 2, Buffer.from(errorMessage));
  const outer = new ByteWriter(256);
  bytesField(outer, 1, inner.written());
  return Buffer.from(outer.written());
}

/** A google.rpc.Status: the body of a refused request (OTLP specification, "Failures"). */
export function statusResponse(encoding: OtlpEncoding, httpStatus: number, message: string): Buffer {
  const code = grpcCodes[httpStatus] ?? (httpStatus < 500 ? 3 : 13);
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = new ByteWriter(256);
  numberField(writer, 1, code);
  bytesField(writer, 2, Buffer.from(message));
  return Buffer.from(writer.written());
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto, by HTTP status. */
const grpcCodes: Readonly<Record<number, number>> = { 401: 16, 403: 7, 404: 5, 413: 8, 429: 8, 503: 14 };

function numberField(writer: ByteWriter, field: number, value: number): void {
  unsignedVarint(writer, field * 8);
  unsignedVarint(writer, value);
}

function bytesField(writer: ByteWriter, field: number, value: Uint8Array): void {
  unsignedVarint(writer, field * 8 + 2);
  unsignedVarint(writer, value.length);
  writer.bytes(value);
}

function unsignedVarint(writer: ByteWriter, value: number): void {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) writer.byte((rest % 128) | 128);
  writer.byte(rest);
}
