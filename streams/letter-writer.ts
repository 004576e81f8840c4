import { isUtf8 } from 'node:buffer';

import { constantBlock, isSame } from './byte-block.ts';
import { ByteWriter } from './byte-writer.ts';
import { type DeadLetterCause, deadLetterOf, letterHead, replaysFrom } from './dead-letters.ts';
import { HeaderReader } from './record-cursor.ts';
import type { ByteRange, RecordView } from './record.ts';
import type { SealedBatches } from './sealed-batches.ts';

const tenantName = constantBlock(Buffer.from('tenant'));
const replaysName = constantBlock(Buffer.from('replays'));
const beforeKey = constantBlock(Buffer.from(',"key":'));
const beforeHeaders = constantBlock(Buffer.from(',"headers":{'));
const emptyText = constantBlock(Buffer.from('""'));
const [closeBrace, colon, comma] = [0x7d, 0x3a, 0x2c];

/**
 * Writes dead letters from the bytes of their records: a string for each of a record's parts would cost several times
 * as much, and one bad sender would slow all others. A letter says what `deadLetterRecord` says of the same record; of
 * a header that stands twice, a reader of JSON takes the last, as an object does.
 */
export class LetterWriter {
  readonly #id = new ByteWriter(128);
  readonly #reader = new HeaderReader();

  /** Appends the letter. Gives how often the record was replayed, by what its headers say. */
  append(letters: SealedBatches, record: RecordView, why: DeadLetterCause): number {
    const found = this.#findIn(record.headerRange());
    const head = letterHead(record.eventTimeMs, found, why);
    this.#id.length = 0;
    this.#id.utf8(head.deadLetterId);
    const writer = letters.beginRecord(why.atMs, { ...this.#id.target, start: 0, end: this.#id.length });
    const from = writer.length;
    writer.utf8(JSON.stringify(head));
    // Its closing brace comes at the end.
    writer.length--;
    writer.block(beforeKey, 0, beforeKey.bytes.length);
    writeText(writer, record.keyRange());
    this.#writeHeaders(writer, record.headerRange());
    writeValue(writer, record.valueRange());
    if (!isUtf8(writer.target.bytes.subarray(from, writer.length))) {
      writer.length = from;
      writer.utf8(JSON.stringify(deadLetterOf(record.original(), why)));
    }
    letters.endValue();
    // No headers.
    writer.varint(0);
    letters.endRecord();
    return found.replays;
  }

  /** What a letter says that stands in its record's headers. */
  #findIn({ bytes, view, viewBytes, start, end }: ByteRange): {
    readonly tenantId: string | null;
    readonly replays: number;
  } {
    const [reader, headers] = [this.#reader, { bytes, view, viewBytes }];
    let [tenantId, replays]: [string | null, number] = [null, 0];
    reader.reset(bytes, start, end);
    while (reader.next()) {
      const { nameStart, nameEnd, valueStart, valueEnd } = reader;
      const isTenant = isSame(headers, nameStart, nameEnd, tenantName);
      if (!isTenant && !isSame(headers, nameStart, nameEnd, replaysName)) continue;
      // A header without a value reads as empty text.
      const text = valueStart < 0 ? '' : bytes.toString('utf8', valueStart, valueEnd);
      if (isTenant) tenantId = text;
      else replays = replaysFrom(text);
    }
    return { tenantId, replays };
  }

  #writeHeaders(writer: ByteWriter, { bytes, view, viewBytes, start, end }: ByteRange): void {
    const [reader, headers] = [this.#reader, { bytes, view, viewBytes }];
    writer.block(beforeHeaders, 0, beforeHeaders.bytes.length);
    reader.reset(bytes, start, end);
    for (let isFirst = true; reader.next(); isFirst = false) {
      if (!isFirst) writer.byte(comma);
      writer.jsonRange(headers, reader.nameStart, reader.nameEnd);
      writer.byte(colon);
      if (reader.valueStart < 0) writer.block(emptyText, 0, emptyText.bytes.length);
      else writer.jsonRange(headers, reader.valueStart, reader.valueEnd);
    }
    writer.byte(closeBrace);
  }
}

/** The key; a record without one has the empty one. */
function writeText(writer: ByteWriter, text: ByteRange | null): void {
  if (text === null) writer.block(emptyText, 0, emptyText.bytes.length);
  else writer.jsonRange(text, text.start, text.end);
}

function writeValue(writer: ByteWriter, value: ByteRange | null): void {
  if (value === null) return writer.latin1(',"value":null}');
  writer.latin1(`,"value":"${value.bytes.toString('base64', value.start, value.end)}"}`);
}
