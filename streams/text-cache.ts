import { blockOf, type ByteBlock, hashOf, isSame } from './byte-block.ts';

const slots = 1024;
/** Longer texts are hardly ever repeated. */
const longest = 64;

interface Known {
  readonly block: ByteBlock;
  readonly text: string;
}

/**
 * Texts met lately, by their bytes: most fields of events repeat a few values, and to compare them costs a fraction
 * of making a string. A slot keeps the text met last, so that memory stays bounded whatever comes.
 */
export class TextCache {
  readonly #known: (Known | undefined)[] = new Array<Known | undefined>(slots).fill(undefined);

  /** UTF-8 bytes `[start, end)` as text. */
  text(source: ByteBlock, start: number, end: number): string {
    if (end - start > longest) return source.bytes.toString('utf8', start, end);
    const slot = hashOf(source, start, end, 0) & (slots - 1);
    const known = this.#known[slot];
    if (known !== undefined && isSame(source, start, end, known.block)) return known.text;
    const text = source.bytes.toString('utf8', start, end);
    this.#known[slot] = { block: blockOf(Buffer.from(source.bytes.subarray(start, end))), text };
    return text;
  }
}
