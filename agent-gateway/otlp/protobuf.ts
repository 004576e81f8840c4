/** How a field stands on the wire; a function gives the fields of a message, so that messages may nest. */
export type ProtobufKind =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'uint32'
  | 'int64'
  | 'double'
  | 'fixed64'
  | 'sfixed64'
  | (() => ProtobufFields);

export interface ProtobufField {
  readonly name: string;
  readonly kind: ProtobufKind;
  readonly repeated?: true;
}

/** A message's fields by number; fields that are not listed are skipped. */
export type ProtobufFields = Readonly<Record<number, ProtobufField>>;

const maxDepth = 64;
const varintType = 0;
const fixed64Type = 1;
const bytesType = 2;
const fixed32Type = 5;

/**
 * Decodes a Protocol Buffers message (https://protobuf.dev/programming-guides/encoding/) to the form of its
 * JSON mapping: 64-bit integers are decimal strings, bytes are hexadecimal, as OTLP's JSON has its ids. Throws
 * a RangeError for bytes that are cut or of another wire form, and for messages nested deeper than 64.
 */
export function decodeProtobuf(bytes: Buffer, fields: ProtobufFields): Record<string, unknown> {
  return decodeMessage(bytes, fields, maxDepth);
}

function decodeMessage(bytes: Buffer, fields: ProtobufFields, depthLeft: number): Record<string, unknown> {
  if (depthLeft === 0) throw new RangeError(`messages nest deeper than ${maxDepth}`);
  const message: Record<string, unknown> = {};
  const wire = new WireReader(bytes);
  while (!wire.atEnd()) {
    const tag = Number(wire.varint());
    const wireType = tag % 8;
    const field = fields[(tag - wireType) / 8];
    if (field === undefined) {
      wire.skip(wireType);
      continue;
    }
    const value = readValue(wire, wireType, field.kind, depthLeft);
    const held = message[field.name];
    if (field.repeated === undefined) message[field.name] = value;
    else if (Array.isArray(held)) held.push(value);
    else message[field.name] = [value];
  }
  return message;
}

function readValue(wire: WireReader, wireType: number, kind: ProtobufKind, depthLeft: number): unknown {
  if (wireType !== wireTypeOf(kind)) throw new RangeError(`a field has wire type ${wireType}`);
  switch (kind) {
    case 'string':
      return wire.bytes().toString('utf8');
    case 'bytes':
      return wire.bytes().toString('hex');
    case 'bool':
      return wire.varint() !== 0n;
    case 'uint32':
      return Number(wire.varint() & 0xffffffffn);
    case 'int64':
      return BigInt.asIntN(64, wire.varint()).toString();
    case 'double':
      return wire.fixed(8).readDoubleLE(0);
    case 'fixed64':
      return wire.fixed(8).readBigUInt64LE(0).toString();
    case 'sfixed64':
      return wire.fixed(8).readBigInt64LE(0).toString();
    default:
      return decodeMessage(wire.bytes(), kind(), depthLeft - 1);
  }
}

function wireTypeOf(kind: ProtobufKind): number {
  if (kind === 'bool' || kind === 'uint32' || kind === 'int64') return varintType;
  return kind === 'double' || kind === 'fixed64' || kind === 'sfixed64' ? fixed64Type : bytesType;
}

class WireReader {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('it ends within a number');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new RangeError('a number has more than ten bytes');
  }

  fixed(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('it ends within a field');
    const view = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return view;
  }

  bytes(): Buffer {
    return this.fixed(Number(this.varint()));
  }

  skip(wireType: number): void {
    if (wireType === varintType) this.varint();
    else if (wireType === fixed64Type) this.fixed(8);
    else if (wireType === bytesType) this.bytes();
    else if (wireType === fixed32Type) this.fixed(4);
    else throw new RangeError(`a field has wire type ${wireType}`);
  }
}
