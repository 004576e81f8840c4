const hexDigits = Buffer.from('0123456789abcdef', 'latin1');
const quote = 0x22;
const backslash = 0x5c;

/** A growing byte buffer. `length` may be set back to 0 to reuse it; what was handed out is then overwritten. */
export class ByteWriter {
  length = 0;
  #buffer: Buffer;

  constructor(initialBytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** What was written so far: a view, valid until the next write. */
  written(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.length++] = value;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#buffer.set(source, this.length);
    this.length += source.length;
  }

  /** Copies `source[start, end)` without a view object: cheap for the short ranges of the hot path. */
  range(source: Buffer, start: number, end: number): void {
    const count = end - start;
    this.#reserve(count);
    const target = this.#buffer;
    let at = this.length;
    if (count > 64) source.copy(target, at, start, end);
    else for (let i = start; i < end; i++) target[at++] = source[i] ?? 0;
    this.length += count;
  }

  /** Zigzag varint (Protocol Buffers' sint64, as Kafka's records use it), exact to 52 bits. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    while (rest > 127) {
      this.#buffer[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.length++] = rest;
  }

  /** Text that is known to be ASCII. */
  latin1(text: string): void {
    this.#reserve(text.length);
    const target = this.#buffer;
    if (text.length > 24) this.length += target.write(text, this.length, 'latin1');
    else for (let i = 0; i < text.length; i++) target[this.length++] = text.charCodeAt(i);
  }

  /** Text as UTF-8; `byteLength` where the caller already knows it. */
  utf8(text: string, byteLength = text.length * 3): void {
    this.#reserve(byteLength);
    this.length += this.#buffer.write(text, this.length, 'utf8');
  }

  /** A JSON string, quotes and escapes included (RFC 8259 section 7). */
  jsonString(text: string): void {
    if (!isPlainAscii(text)) return this.utf8(JSON.stringify(text));
    this.byte(quote);
    this.latin1(text);
    this.byte(quote);
  }

  /** A JSON string from UTF-8 bytes, escaped only where it must be. */
  jsonRange(source: Buffer, start: number, end: number): void {
    this.byte(quote);
    let from = start;
    for (let i = start; i < end; i++) {
      const byte = source[i] ?? 0;
      if (byte >= 0x20 && byte !== quote && byte !== backslash) continue;
      this.range(source, from, i);
      this.#escape(byte);
      from = i + 1;
    }
    this.range(source, from, end);
    this.byte(quote);
  }

  #escape(byte: number): void {
    if (byte === quote || byte === backslash) {
      this.byte(backslash);
      this.byte(byte);
      return;
    }
    this.latin1('\\u00');
    this.byte(hexDigits[byte >> 4] ?? 0);
    this.byte(hexDigits[byte & 15] ?? 0);
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.length));
    this.#buffer = grown;
  }
}

function isPlainAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === quote || code === backslash) return false;
  }
  return true;
}
