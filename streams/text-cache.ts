import { areEqual, blockOf, type ByteBlock, hashOf } from './byte-block.ts';

const slots = 2048;
/** Longer texts are hardly ever repeated. */
const longest = 64;

/**
 * Texts met lately, by their bytes: most fields of events repeat a few values, and to compare them costs a fraction
 * of making a string. A slot keeps the text met last and its bytes, so that memory stays bounded whatever comes, and
 * what is met once costs little more than its string.
 */
export class TextCache {
  readonly #texts = new Array<string>(slots).fill('');
  /** How many bytes each slot's text has. */
  readonly #lengths = new Uint8Array(slots);
  /** Their bytes, `longest` for each slot. */
  #known: ByteBlock | undefined;

  /** UTF-8 bytes `[start, end)` as text. */
  text(source: ByteBlock, start: number, end: number): string {
    const length = end - start;
    if (length > longest) return source.bytes.toString('utf8', start, end);
    const slot = hashOf(source, start, end, 0) & (slots - 1);
    const known = (this.#known ??= blockOf(Buffer.allocUnsafeSlow(slots * longest)));
    const at = slot * longest;
    if (this.#lengths[slot] === length && areEqual(source, start, known, at, length)) {
      return this.#texts[slot] ?? '';
    }
    const text = source.bytes.toString('utf8', start, end);
    copy(source, start, known, at, length);
    this.#lengths[slot] = length;
    this.#texts[slot] = text;
    return text;
  }
}

function copy(from: ByteBlock, start: number, to: ByteBlock, at: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) to.view.setInt32(at + i, from.view.getInt32(start + i, true), true);
  for (; i < length; i++) to.bytes[at + i] = from.bytes[start + i] ?? 0;
}
