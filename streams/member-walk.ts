import type { ByteBlock } from './byte-block.ts';
import { isSame } from './byte-block.ts';

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * Walks the members of a JSON object in place (RFC 8259 section 4), from the first on. It checks no more than it needs
 * to find where members begin and end: what it finds in bytes that are no JSON means nothing, but it ends within them.
 */
export class MemberWalk {
  /** The member's name, without its quotes, as it is written. */
  nameStart = 0;
  nameEnd = 0;
  /** Its value; of a text what stands between the quotes, as it is written. */
  valueStart = 0;
  valueEnd = 0;
  isText = false;
  /** Whether the text has escapes. */
  isEscaped = false;

  #block: ByteBlock | undefined;
  #position = 0;
  #end = 0;

  /** False where the bytes do not begin with an object. */
  open(block: ByteBlock, start: number, end: number): boolean {
    this.#block = block;
    this.#end = end;
    this.#position = start;
    return this.#skipTo() === openBrace;
  }

  /** Moves to the next member; false behind the last one, or where the bytes are no JSON. */
  next(): boolean {
    if (this.#skipTo() !== quote) return false;
    this.nameStart = this.#position;
    if (!this.#skipText()) return false;
    this.nameEnd = this.#position - 1;
    if (this.#skipTo() !== colon) return false;
    const first = this.#skipTo();
    this.isText = first === quote;
    if (!this.isText) return this.#skipOther(first);
    this.valueStart = this.#position;
    if (!this.#skipText()) return false;
    this.valueEnd = this.#position - 1;
    const behind = this.#skipTo();
    return behind === comma || behind === closeBrace;
  }

  /**
   * Moves to the next member where that is a text of this name, written as JSON.stringify does: `opening` is
   * `"name":"`. Else false, and the walk stands where it stood. Compares words where `next` reads bytes.
   */
  nextText(opening: ByteBlock): boolean {
    const block = this.#block;
    const from = this.#position;
    const nameEnd = from + opening.bytes.length;
    if (block === undefined || nameEnd > this.#end || !isSame(block, from, nameEnd, opening)) return false;
    this.#position = this.valueStart = nameEnd;
    this.nameStart = from + 1;
    this.nameEnd = nameEnd - 3;
    this.isText = true;
    if (this.#skipText()) {
      this.valueEnd = this.#position - 1;
      const behind = this.#skipTo();
      if (behind === comma || behind === closeBrace) return true;
    }
    this.#position = from;
    return false;
  }

  /** Whether the member's name is this one, written without escapes. */
  isNamed(name: ByteBlock): boolean {
    return this.#block !== undefined && isSame(this.#block, this.nameStart, this.nameEnd, name);
  }

  /** Passes white space and returns the byte behind it, which is passed too; -1 at the end. */
  #skipTo(): number {
    const bytes = this.#block?.bytes;
    while (bytes !== undefined && this.#position < this.#end) {
      const byte = bytes[this.#position++] ?? 0;
      if (byte > 0x20) return byte;
    }
    return -1;
  }

  /** From behind a quote to behind the one that closes it. */
  #skipText(): boolean {
    this.isEscaped = false;
    if (this.#block === undefined) return false;
    const { bytes, view } = this.#block;
    let from = this.#position;
    while (from + 4 <= this.#end && !hasQuoteOrBackslash(view.getInt32(from, true))) from += 4;
    for (let at = from; at < this.#end; at++) {
      const byte = bytes[at];
      if (byte === quote) {
        this.#position = at + 1;
        return true;
      }
      if (byte !== backslash) continue;
      this.isEscaped = true;
      at++;
    }
    return false;
  }

  /** A value that is no text: up to the comma or brace behind it, which is passed. */
  #skipOther(first: number): boolean {
    this.valueStart = this.#position - 1;
    let depth = 0;
    for (let byte = first; byte !== -1; byte = this.#skipTo()) {
      if (depth === 0 && (byte === comma || byte === closeBrace)) {
        this.valueEnd = this.#position - 1;
        return true;
      }
      if (byte === openBrace || byte === openBracket) depth++;
      else if (byte === closeBrace || byte === closeBracket) depth--;
      else if (byte === quote && !this.#skipText()) return false;
    }
    return false;
  }
}

/** Whether one of the word's four bytes is a quote or a backslash (may say so of its neighbour too). */
function hasQuoteOrBackslash(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  return (
    ((((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes)) & 0x80808080) !== 0
  );
}
