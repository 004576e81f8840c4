import { Message, Reader, type Type } from 'protobufjs';

/**
 * Decodes a message to the form of its JSON mapping: 64-bit integers are decimal strings, bytes are
 * hexadecimal, as OTLP's JSON has its ids. Fields that the type does not know are skipped. Throws an Error for
 * bytes that are cut, for a known field in another wire form, and for messages nested deeper than 100
 * (https://protobuf.dev/programming-guides/proto-limits/). Decoders are compiled from the type at first use.
 */
export function decodeProtobuf(bytes: Buffer, type: Type): Record<string, unknown> {
  const reader = Reader.create(bytes);
  // What was skipped is kept, so that a known field among it can be told.
  reader.discardUnknown = false;
  return plainMessage(type.decode(reader));
}

interface Integer64 {
  toString(): string;
}

function plainMessage(message: Message): Record<string, unknown> {
  refuseSkipped(message);
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    // The decoder gives every repeated field a list, also where none was sent.
    if (!Array.isArray(value) || value.length > 0) plain[name] = plainField(value);
  }
  return plain;
}

function plainField(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainField);
  if (value instanceof Message) return plainMessage(value as Message);
  if (Buffer.isBuffer(value)) return value.toString('hex');
  // What is left is a 64-bit integer, which the library holds in two halves.
  return (value as Integer64).toString();
}

/** A field of another wire form counts as unknown to the decoder; left out quietly it would be lost data. */
function refuseSkipped(message: Message): void {
  for (const skipped of message.$unknowns ?? []) {
    const tag = Reader.create(skipped).uint32();
    const field = message.$type.fieldsById[tag >>> 3];
    if (field !== undefined) throw new RangeError(`${field.name} has wire type ${tag & 7}`);
  }
}
