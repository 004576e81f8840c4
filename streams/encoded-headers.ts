import { ByteWriter } from './byte-writer.ts';

/** A header section: its count, then each name and value, as record batches hold it. */
export function encodeHeaders(headers: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const writer = new ByteWriter(256);
  const entries = Object.entries(headers);
  writer.varint(entries.length);
  for (const [name, value] of entries) writeHeader(writer, name, value);
  return writer.written();
}

/** Writes one header; the section's count is the caller's to write first. */
export function writeHeader(writer: ByteWriter, name: string, value: string | Uint8Array): void {
  writer.varint(name.length);
  writer.latin1(name);
  if (typeof value === 'string') {
    const bytes = Buffer.byteLength(value);
    writer.varint(bytes);
    writer.utf8(value, bytes);
  } else {
    writer.varint(value.length);
    writer.bytes(value);
  }
}
