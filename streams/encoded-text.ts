import { type ByteBlock, blockOf, constantBlock, wordBytes } from './byte-block.ts';

/** A text with its JSON at hand: for what a stage sets on many records. Create each once, not once a record. */
export class EncodedText {
  readonly text: string;
  /** Its JSON is `[jsonStart, jsonEnd)` of the block, which has room behind it to be copied by whole words. */
  readonly block: ByteBlock;
  readonly jsonStart: number;
  readonly jsonEnd: number;

  constructor(text: string, room?: EncodedTexts) {
    const json = Buffer.from(JSON.stringify(text));
    const place = room?.put(json);
    this.text = text;
    this.block = place?.block ?? constantBlock(json);
    this.jsonStart = place?.start ?? 0;
    this.jsonEnd = this.jsonStart + json.length;
  }
}

const chunkBytes = 64 * 1024;

/**
 * Where many texts keep their JSON, behind each other: a buffer for each would take more than the text. What is no
 * longer used is freed with all that lies beside it.
 */
export class EncodedTexts {
  #chunk: ByteBlock | undefined;
  #length = 0;

  put(json: Buffer): { readonly block: ByteBlock; readonly start: number } {
    const end = this.#length + json.length + wordBytes;
    if (this.#chunk === undefined || end > this.#chunk.bytes.length) {
      this.#chunk = blockOf(Buffer.allocUnsafeSlow(Math.max(chunkBytes, json.length + wordBytes)));
      this.#length = 0;
    }
    const start = this.#length;
    json.copy(this.#chunk.bytes, start);
    this.#length += json.length;
    return { block: this.#chunk, start };
  }
}
