import { type ByteBlock, blockOf, wordBytes } from './byte-block.ts';

const hexDigits = Buffer.from('0123456789abcdef', 'latin1');
const quote = 0x22;
const backslash = 0x5c;
/** Up to here copying words beats a native copy. */
const longestByWords = 192;
/** Behind what is reserved: a copy by words may write so far beyond its end. */
const slackBytes = wordBytes;

const tenMillion = 10_000_000;
/** Buffers kept to be written again. */
const mostSpare = 8;

/** A growing byte buffer. `length` may be set back to reuse it; what was handed out is then overwritten. */
export class ByteWriter {
  length = 0;
  #buffer: Buffer;
  #view: DataView;
  #block: ByteBlock;
  readonly #spare: Buffer[] = [];

  constructor(initialBytes: number) {
    this.#block = blockOf(Buffer.allocUnsafeSlow(initialBytes + slackBytes));
    this.#buffer = this.#block.bytes;
    this.#view = this.#block.view;
  }

  /** What was written so far: a view, valid until the next write. */
  written(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** The buffer of which `[0, length)` was written: no object is made for it. Valid until the next write. */
  get target(): ByteBlock {
    return this.#block;
  }

  /** What was written so far, the caller's to keep. Starts anew: in another buffer where this one is well filled. */
  take(): Buffer {
    const taken = this.written();
    this.length = 0;
    if (taken.length * 2 < this.#buffer.length) return Buffer.from(taken);
    const spare = this.#spare.pop();
    if (spare === undefined) this.#grow(this.#buffer.length - slackBytes, 0);
    else this.#use(spare);
    return taken;
  }

  /** The memory of what was taken, which nobody looks at any more, for what is written later. */
  reuse(taken: Buffer): void {
    const isWhole = taken.byteOffset === 0 && taken.buffer.byteLength >= this.#buffer.length;
    if (isWhole && this.#spare.length < mostSpare) this.#spare.push(Buffer.from(taken.buffer));
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

  /** Copies `source[start, end)` without a view object. */
  range(source: Buffer, start: number, end: number): void {
    const count = end - start;
    this.#reserve(count);
    const target = this.#buffer;
    let at = this.length;
    if (count > 64) source.copy(target, at, start, end);
    else for (let i = start; i < end; i++) target[at++] = source[i] ?? 0;
    this.length += count;
  }

  /** The same from a block: the cheapest copy of the hot path, whatever the length. */
  block(source: ByteBlock, start: number, end: number): void {
    const count = end - start;
    this.#reserve(count);
    const at = this.length;
    if (count > longestByWords || end + wordBytes > source.viewBytes) {
      this.range(source.bytes, start, end);
      return;
    }
    copyWords(source.view, start, end, this.#view, at);
    this.length = at + count;
  }

  /** Zigzag varint (Protocol Buffers' sint64, as Kafka's records use it), exact to 52 bits. */
  varint(value: number): void {
    this.#reserve(10);
    this.length += putVarint(this.#buffer, this.length, value);
  }

  /** Leaves room for a varint that `varintAt` fills once its value is known; `guessBytes` is its likely size. */
  varintLater(guessBytes: number): number {
    this.#reserve(guessBytes);
    const at = this.length;
    this.length += guessBytes;
    return at;
  }

  /** Fills the room at `at`; what follows is moved where the varint has another size than guessed. Returns its size. */
  varintAt(at: number, guessBytes: number, value: number): number {
    const size = varintBytes(value);
    if (size !== guessBytes) {
      this.#reserve(Math.max(0, size - guessBytes));
      this.#buffer.copyWithin(at + size, at + guessBytes, this.length);
      this.length += size - guessBytes;
    }
    putVarint(this.#buffer, at, value);
    return size;
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

  /** A whole number from 0 to 2^53 in decimal digits. */
  wholeNumber(value: number): void {
    this.#reserve(16);
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
    // Two halves that fit into 32 bits; the quotient of a large number may have been rounded up.
    let high = Math.floor(value / tenMillion);
    if (high * tenMillion > value) high--;
    let rest = value - high * tenMillion;
    let at = this.length + digits;
    for (let left = 7; left > 0 && at > this.length; left--) {
      this.#buffer[--at] = 0x30 + (rest % 10);
      rest = Math.trunc(rest / 10);
    }
    for (; at > this.length; high = Math.trunc(high / 10)) this.#buffer[--at] = 0x30 + (high % 10);
    this.length += digits;
  }

  /** A JSON string, quotes and escapes included (RFC 8259 section 7). */
  jsonString(text: string): void {
    if (!isPlainAscii(text)) return this.utf8(JSON.stringify(text));
    this.byte(quote);
    this.latin1(text);
    this.byte(quote);
  }

  /** A JSON string from UTF-8 bytes, escaped only where it must be. */
  jsonRange(source: ByteBlock, start: number, end: number): void {
    this.#reserve(end - start + 2 + slackBytes);
    this.byte(quote);
    const plainEnd = this.#copyPlain(source, start, end);
    if (plainEnd < end) this.#escapeFrom(source.bytes, plainEnd, end);
    this.byte(quote);
  }

  /** Copies up to the first byte that must be escaped, or a word before it; returns where it stopped. */
  #copyPlain({ bytes, view }: ByteBlock, start: number, end: number): number {
    const target = this.#view;
    let at = this.length;
    let from = start;
    for (; from + 4 <= end; from += 4, at += 4) {
      const word = view.getInt32(from, true);
      if (needsEscape(word)) break;
      target.setInt32(at, word, true);
    }
    if (end - from < 4) {
      for (; from < end; from++, at++) {
        const byte = bytes[from] ?? 0;
        if (byte < 0x20 || byte === quote || byte === backslash) break;
        this.#buffer[at] = byte;
      }
    }
    this.length = at;
    return from;
  }

  #escapeFrom(source: Buffer, start: number, end: number): void {
    let from = start;
    for (let i = start; i < end; i++) {
      const byte = source[i] ?? 0;
      if (byte >= 0x20 && byte !== quote && byte !== backslash) continue;
      this.range(source, from, i);
      this.#escape(byte);
      from = i + 1;
    }
    this.range(source, from, end);
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
    const needed = this.length + count + slackBytes;
    if (needed > this.#buffer.length) this.#grow(Math.max(needed, this.#buffer.length * 2), this.length);
  }

  #grow(sizeBytes: number, keepBytes: number): void {
    const grown = Buffer.allocUnsafeSlow(sizeBytes + slackBytes);
    grown.set(this.#buffer.subarray(0, keepBytes));
    this.#use(grown);
  }

  #use(buffer: Buffer): void {
    this.#block = blockOf(buffer);
    this.#buffer = this.#block.bytes;
    this.#view = this.#block.view;
  }
}

/** Copies whole words, up to one of them beyond `end`: both blocks must have room for it. */
function copyWords(source: DataView, start: number, end: number, target: DataView, at: number): void {
  for (let from = start, to = at; from < end; from += wordBytes, to += wordBytes) {
    target.setBigInt64(to, source.getBigInt64(from, true), true);
  }
}

/** Whether one of the word's four bytes is below 0x20, a quote or a backslash (may say so of its neighbour too). */
function needsEscape(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  const found =
    ((word - 0x20202020) & ~word) |
    ((quotes - 0x01010101) & ~quotes) |
    ((backslashes - 0x01010101) & ~backslashes);
  return (found & 0x80808080) !== 0;
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function varintBytes(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}

function putVarint(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigzag(value);
  while (rest > 0x7fffffff) {
    buffer[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    buffer[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at - start;
}

function isPlainAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === quote || code === backslash) return false;
  }
  return true;
}
