import { type ByteBlock, constantBlock } from './byte-block.ts';

/** A text with its JSON at hand: for what a stage sets on many records. Create each once, not once a record. */
export class EncodedText {
  readonly text: string;
  readonly json: ByteBlock;

  constructor(text: string) {
    this.text = text;
    this.json = constantBlock(Buffer.from(JSON.stringify(text)));
  }
}
