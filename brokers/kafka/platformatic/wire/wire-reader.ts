const two32 = 2 ** 32;

/** Reads the primitive types of Kafka's flexible answers. Throws `RangeError` where the bytes end early. */
export class WireReader {
  readonly bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  int16(): number {
    const value = this.bytes.readInt16BE(this.position);
    this.position += 2;
    return value;
  }

  int32(): number {
    const value = this.bytes.readInt32BE(this.position);
    this.position += 4;
    return value;
  }

  /** As a number: exact to 2^53. */
  int64(): number {
    const value = this.bytes.readInt32BE(this.position) * two32 + this.bytes.readUInt32BE(this.position + 4);
    this.position += 8;
    return value;
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes.readUInt8(this.position++);
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  /** A compact nullable string. */
  string(): string | null {
    return this.range()?.toString('utf8') ?? null;
  }

  /** Compact nullable bytes: a view. */
  range(): Buffer | null {
    const length = this.uvarint();
    if (length === 0) return null;
    const start = this.position;
    this.position += length - 1;
    if (this.position > this.bytes.length) throw new RangeError('The answer ends early.');
    return this.bytes.subarray(start, this.position);
  }

  /** A compact array; empty where it is null. */
  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.uvarint() - 1; left > 0; left--) items.push(read());
    return items;
  }

  /** Passes over tagged fields. */
  tags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint();
      const length = this.uvarint();
      this.position += length;
    }
  }
}
