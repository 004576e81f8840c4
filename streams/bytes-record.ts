import type { ByteWriter } from './byte-writer.ts';
import { HeaderReader, type RecordCursor } from './record-cursor.ts';
import type {
  ByteRange,
  Field,
  FieldKind,
  FieldTable,
  RecordFormat,
  RecordView,
  StreamRecord,
} from './record.ts';

const absent = 0;
const inBytes = 1;
const asValue = 2;

interface KnownHeader {
  readonly name: Buffer;
  /** The field's slot; -1 for a header that no field stands for. */
  readonly slot: number;
}

/**
 * The hot path's view: fields are ranges of the batch's bytes, found once a record. Headers nearly always
 * come in the order of the record before, so each is compared with that one first and looked up only if not.
 */
export class BytesRecord implements RecordView {
  topic = '';
  partition = 0;
  #cursor: RecordCursor;
  #state: Uint8Array;
  #start: Int32Array;
  #end: Int32Array;
  #values: (string | number | Uint8Array)[];
  #kinds: FieldKind[];
  #valueSlot: number;
  #slots = new Map<string, number>();
  #expected: KnownHeader[] = [];
  #headers = new HeaderReader();
  #range: ByteRange = { bytes: Buffer.alloc(0), start: 0, end: 0 };

  constructor(cursor: RecordCursor, format: RecordFormat, fields: FieldTable) {
    this.#cursor = cursor;
    const size = fields.declarations.length;
    this.#state = new Uint8Array(size);
    this.#start = new Int32Array(size);
    this.#end = new Int32Array(size);
    this.#values = new Array<string>(size).fill('');
    this.#kinds = fields.declarations.map((d) => d.kind);
    this.#valueSlot = fields.add(format.value);
    for (const [header, declaration] of Object.entries(format.headers)) {
      this.#slots.set(header, fields.add(declaration));
    }
  }

  /** Finds the fields of the record that the cursor stands on. */
  load(): void {
    const cursor = this.#cursor;
    this.#state.fill(absent);
    if (cursor.valueStart >= 0) this.#place(this.#valueSlot, cursor.valueStart, cursor.valueEnd);
    const headers = this.#headers;
    headers.reset(cursor.bytes, cursor.headersStart, cursor.headersEnd);
    for (let i = 0; headers.next(); i++) {
      const slot = this.#slotOf(i);
      // A header without a value reads as empty text, as it does in an object.
      if (slot >= 0)
        this.#place(
          slot,
          headers.valueStart < 0 ? 0 : headers.valueStart,
          headers.valueStart < 0 ? 0 : headers.valueEnd,
        );
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
    return this.#state[field] !== absent;
  }

  text(field: Field): string {
    const state = this.#state[field];
    if (state === inBytes) return this.#cursor.bytes.toString('utf8', this.#start[field], this.#end[field]);
    if (state === absent) return '';
    const value = this.#values[field] ?? '';
    return textOf(value);
  }

  number(field: Field): number {
    const state = this.#state[field];
    if (state === absent) return Number.NaN;
    const value = state === asValue ? this.#values[field] : undefined;
    if (typeof value === 'number') return value;
    const text = this.text(field);
    return text === '' ? Number.NaN : Number(text);
  }

  json(field: Field): unknown {
    return this.has(field) ? (JSON.parse(this.text(field)) as unknown) : undefined;
  }

  range(field: Field): ByteRange {
    const range = this.#range;
    if (this.#state[field] === inBytes) {
      range.bytes = this.#cursor.bytes;
      range.start = this.#start[field] ?? 0;
      range.end = this.#end[field] ?? 0;
    } else setRange(range, this.#state[field] === absent ? '' : (this.#values[field] ?? ''));
    return range;
  }

  set(field: Field, value: string | number | Uint8Array): void {
    this.#state[field] = asValue;
    this.#values[field] = value;
  }

  appendJson(field: Field, writer: ByteWriter): boolean {
    const state = this.#state[field];
    if (state === absent) return false;
    const kind = this.#kinds[field];
    if (state === inBytes) this.#appendRange(field, kind, writer);
    else appendValue(this.#values[field] ?? '', kind, writer);
    return true;
  }

  keyBytes(): Uint8Array | null {
    const { bytes, keyStart, keyEnd } = this.#cursor;
    return keyEnd <= keyStart || keyStart < 0 ? null : bytes.subarray(keyStart, keyEnd);
  }

  valueBytes(): Uint8Array | null {
    return this.#cursor.value();
  }

  headerSection(): Uint8Array {
    const { bytes, headersStart, headersEnd } = this.#cursor;
    return bytes.subarray(headersStart, headersEnd);
  }

  original(): StreamRecord {
    return recordAt(this.#cursor);
  }

  #appendRange(field: Field, kind: FieldKind | undefined, writer: ByteWriter): void {
    const start = this.#start[field] ?? 0;
    const end = this.#end[field] ?? 0;
    const { bytes } = this.#cursor;
    if (kind === 'text') writer.jsonRange(bytes, start, end);
    else if (kind === 'json' || isWholeNumber(bytes, start, end)) writer.range(bytes, start, end);
    else writer.latin1(jsonNumber(this.text(field)));
  }

  #place(slot: number, start: number, end: number): void {
    this.#state[slot] = inBytes;
    this.#start[slot] = start;
    this.#end[slot] = end;
  }

  #slotOf(index: number): number {
    const { bytes } = this.#cursor;
    const { nameStart, nameEnd } = this.#headers;
    const expected = this.#expected[index];
    if (expected !== undefined && sameBytes(bytes, nameStart, nameEnd, expected.name)) return expected.slot;
    const name = Buffer.from(bytes.subarray(nameStart, nameEnd));
    const slot = this.#slots.get(name.toString('utf8')) ?? -1;
    if (index < 32) this.#expected[index] = { name, slot };
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
export function appendValue(
  value: string | number | Uint8Array,
  kind: FieldKind | undefined,
  writer: ByteWriter,
): void {
  if (kind === 'text') writer.jsonString(textOf(value));
  else if (kind === 'number') writer.latin1(jsonNumber(textOf(value)));
  else if (value instanceof Uint8Array) writer.bytes(value);
  else writer.utf8(String(value));
}

export function textOf(value: string | number | Uint8Array): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}

/** Points `range` at the value's bytes. */
export function setRange(range: ByteRange, value: string | number | Uint8Array): void {
  range.bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
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

function sameBytes(bytes: Buffer, start: number, end: number, other: Buffer): boolean {
  if (end - start !== other.length) return false;
  for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false;
  return true;
}
