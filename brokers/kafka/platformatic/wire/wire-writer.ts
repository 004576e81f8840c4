const two32 = 2 ** 32;

/** Writes the primitive types of Kafka's flexible requests (https://kafka.apache.org/protocol#protocol_types). */
export class WireWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written from `start` on: a view, valid until the next write. */
  written(start = 0): Buffer {
    return this.#buffer.subarray(start, this.#length);
  }

  int8(value: number): this {
    const at = this.#reserve(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#reserve(2);
    this.#buffer.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#reserve(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  /** A whole number that is exact in JavaScript. */
  int64(value: number): this {
    const at = this.#reserve(8);
    this.#buffer.writeInt32BE(Math.floor(value / two32), at);
    this.#buffer.writeUInt32BE(value >>> 0, at + 4);
    return this;
  }

  uvarint(value: number): this {
    let rest = value;
    while (rest > 127) {
      const at = this.#reserve(1);
      this.#buffer[at] = (rest & 127) | 128;
      rest >>>= 7;
    }
    const at = this.#reserve(1);
    this.#buffer[at] = rest;
    return this;
  }

  /** A compact nullable string. */
  string(value: string | null): this {
    if (value === null) return this.uvarint(0);
    const bytes = Buffer.byteLength(value);
    this.uvarint(bytes + 1);
    const at = this.#reserve(bytes);
    this.#buffer.write(value, at);
    return this;
  }

  /** A compact array. */
  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.uvarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  /** No tagged fields. */
  tags(): this {
    return this.uvarint(0);
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length <= this.#buffer.length) return at;
    const grown = Buffer.allocUnsafe(Math.max(this.#length, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, at);
    this.#buffer = grown;
    return at;
  }
}
