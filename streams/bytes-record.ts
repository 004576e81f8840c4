import { blockOf, type ByteBlock, isSame } from './byte-block.ts';
import type { ByteWriter } from './byte-writer.ts';
import { EncodedText } from './encoded-text.ts';
import { HeaderReader, type RecordCursor } from './record-cursor.ts';
import type {
  ByteRange,
  Field,
  FieldKind,
  FieldTable,
  FieldValue,
  RecordFormat,
  RecordView,
  StreamRecord,
} from './record.ts';
import { TextCache } from './text-cache.ts';

interface KnownHeader {
  readonly name: ByteBlock;
  /** The field's slot; -1 for a header that no field stands for. */
  readonly slot: number;
}

/** A field's state counts up from record to record, so that none must be cleared: see `#inBytes`. */
const statesPerRecord = 2;
const lastState = 2 ** 31 - 1 - 2 * statesPerRecord;

/**
 * The hot path's view: fields are ranges of the batch's bytes, found once a record. Headers nearly always
 * come in the order of the record before, so each is compared with that one first and looked up only if not.
 */
export class BytesRecord implements RecordView {
  topic = '';
  partition = 0;
  #cursor: RecordCursor;
  /** A field's state is this where it is a range of the bytes, one more where it was set, less where it is absent. */
  #inBytes = statesPerRecord;
  #state: Int32Array;
  #start: Int32Array;
  #end: Int32Array;
  #values: FieldValue[];
  #kinds: FieldKind[];
  #valueSlot: number;
  #slots = new Map<string, number>();
  #expected: KnownHeader[] = [];
  #headers = new HeaderReader();
  #texts = new TextCache();
  #range: ByteRange = { ...blockOf(Buffer.alloc(0)), start: 0, end: 0 };

  constructor(cursor: RecordCursor, format: RecordFormat, fields: FieldTable) {
    this.#cursor = cursor;
    const size = fields.declarations.length;
    this.#state = new Int32Array(size);
    this.#start = new Int32Array(size);
    this.#end = new Int32Array(size);
    this.#values = new Array<FieldValue>(size).fill('');
    this.#kinds = fields.declarations.map((d) => d.kind);
    this.#valueSlot = fields.add(format.value);
    for (const [header, declaration] of Object.entries(format.headers)) {
      this.#slots.set(header, fields.add(declaration));
    }
  }

  /** Finds the fields of the record that the cursor stands on. */
  load(): void {
    this.#forgetFields();
    const cursor = this.#cursor;
    if (cursor.valueStart >= 0) this.#place(this.#valueSlot, cursor.valueStart, cursor.valueEnd);
    const headers = this.#headers;
    headers.reset(cursor.bytes, cursor.headersStart, cursor.headersEnd);
    for (let i = 0; headers.next(); i++) {
      const slot = this.#slotOf(i);
      if (slot < 0) continue;
      // A header without a value reads as empty text, as it does in an object.
      if (headers.valueStart < 0) this.#place(slot, 0, 0);
      else this.#place(slot, headers.valueStart, headers.valueEnd);
    }
  }

  get key(): string {
    return this.#cursor.keyText();
  }

  get eventTimeMs(): number {
    return this.#cursor.timestampMs;
  }

  get offset(): number {
    return this.#cursor.offset;
  }

  has(field: Field): boolean {
    return (this.#state[field] ?? 0) >= this.#inBytes;
  }

  text(field: Field): string {
    const state = this.#state[field] ?? 0;
    if (state === this.#inBytes) {
      return this.#texts.text(this.#cursor.block, this.#start[field] ?? 0, this.#end[field] ?? 0);
    }
    return state < this.#inBytes ? '' : textOf(this.#values[field] ?? '');
  }

  number(field: Field): number {
    const state = this.#state[field] ?? 0;
    if (state < this.#inBytes) return Number.NaN;
    if (state > this.#inBytes) return numberOf(this.#values[field] ?? '');
    const start = this.#start[field] ?? 0;
    const end = this.#end[field] ?? 0;
    const { bytes } = this.#cursor;
    return isWholeNumber(bytes, start, end) ? wholeNumber(bytes, start, end) : numberOf(this.text(field));
  }

  json(field: Field): unknown {
    return this.has(field) ? (JSON.parse(this.text(field)) as unknown) : undefined;
  }

  range(field: Field): ByteRange {
    const state = this.#state[field] ?? 0;
    if (state === this.#inBytes) return this.#rangeOf(this.#start[field] ?? 0, this.#end[field] ?? 0);
    setRange(this.#range, state < this.#inBytes ? '' : (this.#values[field] ?? ''));
    return this.#range;
  }

  set(field: Field, value: FieldValue): void {
    this.#state[field] = this.#inBytes + 1;
    this.#values[field] = value;
  }

  setSpan(field: Field, start: number, end: number): void {
    const { valueStart } = this.#cursor;
    this.#place(field, valueStart + start, valueStart + end);
  }

  appendJson(field: Field, writer: ByteWriter): boolean {
    const state = this.#state[field] ?? 0;
    if (state < this.#inBytes) return false;
    if (state === this.#inBytes) this.#appendRange(field, writer);
    else appendValue(this.#values[field] ?? '', this.#kinds[field], writer);
    return true;
  }

  keyRange(): ByteRange | null {
    const { keyStart, keyEnd } = this.#cursor;
    return keyEnd <= keyStart || keyStart < 0 ? null : this.#rangeOf(keyStart, keyEnd);
  }

  valueRange(): ByteRange | null {
    const { valueStart, valueEnd } = this.#cursor;
    return valueStart < 0 ? null : this.#rangeOf(valueStart, valueEnd);
  }

  headerRange(): ByteRange {
    const { headersStart, headersEnd } = this.#cursor;
    return this.#rangeOf(headersStart, headersEnd);
  }

  original(): StreamRecord {
    return recordAt(this.#cursor);
  }

  #rangeOf(start: number, end: number): ByteRange {
    const range = this.#range;
    const { block } = this.#cursor;
    if (range.view !== block.view) {
      range.bytes = block.bytes;
      range.view = block.view;
      range.viewBytes = block.viewBytes;
    }
    range.start = start;
    range.end = end;
    return range;
  }

  #appendRange(field: Field, writer: ByteWriter): void {
    const start = this.#start[field] ?? 0;
    const end = this.#end[field] ?? 0;
    const { block } = this.#cursor;
    const kind = this.#kinds[field];
    if (kind === 'text') writer.jsonRange(block, start, end);
    else if (kind === 'json' || isWholeNumber(block.bytes, start, end)) writer.block(block, start, end);
    else writer.latin1(jsonNumber(this.text(field)));
  }

  #forgetFields(): void {
    if (this.#inBytes > lastState) {
      this.#state.fill(0);
      this.#inBytes = 0;
    }
    this.#inBytes += statesPerRecord;
  }

  #place(slot: number, start: number, end: number): void {
    this.#state[slot] = this.#inBytes;
    this.#start[slot] = start;
    this.#end[slot] = end;
  }

  #slotOf(index: number): number {
    const { block } = this.#cursor;
    const { nameStart, nameEnd } = this.#headers;
    const expected = this.#expected[index];
    if (expected !== undefined && isSame(block, nameStart, nameEnd, expected.name)) return expected.slot;
    const name = Buffer.from(block.bytes.subarray(nameStart, nameEnd));
    const slot = this.#slots.get(name.toString('utf8')) ?? -1;
    if (index < 32) this.#expected[index] = { name: blockOf(name), slot };
    return slot;
  }
}

/** The record that the cursor stands on, as an object of its own. */
export function recordAt(cursor: RecordCursor): StreamRecord {
  const value = cursor.value();
  return {
    key: cursor.keyText(),
    eventTimeMs: cursor.timestampMs,
    headers: cursor.headers(),
    value: value === null ? null : Buffer.from(value),
  };
}

/** Appends a value that a stage set, as JSON. */
export function appendValue(value: FieldValue, kind: FieldKind | undefined, writer: ByteWriter): void {
  if (kind === 'text') {
    if (value instanceof EncodedText) writer.block(value.block, value.jsonStart, value.jsonEnd);
    else writer.jsonString(textOf(value));
  } else if (kind === 'number') {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) writer.wholeNumber(value);
    else writer.latin1(jsonNumber(textOf(value)));
  } else if (value instanceof Uint8Array) writer.bytes(value);
  else writer.utf8(textOf(value));
}

export function textOf(value: FieldValue): string {
  if (value instanceof EncodedText) return value.text;
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}

/** As a number; NaN where it is none. */
export function numberOf(value: FieldValue): number {
  if (typeof value === 'number') return value;
  const text = textOf(value);
  return text === '' ? Number.NaN : Number(text);
}

/** Points `range` at the value's bytes. */
export function setRange(range: ByteRange, value: FieldValue): void {
  const { bytes, view, viewBytes } = blockOf(
    value instanceof Uint8Array ? value : Buffer.from(textOf(value)),
  );
  range.bytes = bytes;
  range.view = view;
  range.viewBytes = viewBytes;
  range.start = 0;
  range.end = range.bytes.length;
}

/** A header may hold anything: what is no number is written as null, so that the output stays JSON. */
function jsonNumber(text: string): string {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? String(value) : 'null';
}

/** True for digits alone, up to 2^53, without a leading zero: JSON as it stands. */
function isWholeNumber(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 1 || end - start > 15 || bytes[start] === 0x30) return false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}

function wholeNumber(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + (bytes[i] ?? 0) - 0x30;
  return value;
}
