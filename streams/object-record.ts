import { blockOf } from './byte-block.ts';
import { appendValue, numberOf, setRange, textOf } from './bytes-record.ts';
import type { ByteWriter } from './byte-writer.ts';
import { encodeHeaders } from './encoded-headers.ts';
import type {
  ByteRange,
  Field,
  FieldTable,
  FieldValue,
  RecordFormat,
  RecordView,
  StreamRecord,
} from './record.ts';

/** Where a record came from. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * The view over a record that is an object: the test driver's, and that of records which stages derive.
 * A property test holds it equal to `BytesRecord`, so what a stage does in a test it does on the hot path.
 */
export class ObjectRecord implements RecordView {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly #record: StreamRecord;
  readonly #fields: FieldTable;
  readonly #range: ByteRange = { ...blockOf(Buffer.alloc(0)), start: 0, end: 0 };
  readonly #values = new Map<Field, FieldValue>();

  constructor(
    record: StreamRecord,
    format: RecordFormat,
    fields: FieldTable,
    at: RecordPlace = { topic: '', partition: 0, offset: 0 },
  ) {
    this.#record = wellFormed(record);
    this.#fields = fields;
    this.topic = at.topic;
    this.partition = at.partition;
    this.offset = at.offset;
    if (record.value !== null) this.set(fields.add(format.value), record.value);
    for (const [header, text] of Object.entries(this.#record.headers)) {
      const declaration = Object.hasOwn(format.headers, header) ? format.headers[header] : undefined;
      if (declaration !== undefined) this.set(fields.add(declaration), text);
    }
  }

  get key(): string {
    return this.#record.key;
  }

  get eventTimeMs(): number {
    return this.#record.eventTimeMs;
  }

  has(field: Field): boolean {
    return this.#values.has(field);
  }

  text(field: Field): string {
    const value = this.#values.get(field);
    if (value === undefined) return '';
    return textOf(value);
  }

  number(field: Field): number {
    const value = this.#values.get(field);
    return value === undefined ? Number.NaN : numberOf(value);
  }

  json(field: Field): unknown {
    return this.has(field) ? (JSON.parse(this.text(field)) as unknown) : undefined;
  }

  range(field: Field): ByteRange {
    return this.#rangeOf(this.#values.get(field) ?? '');
  }

  set(field: Field, value: FieldValue): void {
    this.#values.set(field, value);
  }

  setSpan(field: Field, start: number, end: number): void {
    this.set(field, this.#record.value?.subarray(start, end) ?? '');
  }

  appendJson(field: Field, writer: ByteWriter): boolean {
    const value = this.#values.get(field);
    if (value === undefined) return false;
    appendValue(value, this.#fields.kind(field), writer);
    return true;
  }

  keyRange(): ByteRange | null {
    return this.#record.key === '' ? null : this.#rangeOf(this.#record.key);
  }

  valueRange(): ByteRange | null {
    return this.#record.value === null ? null : this.#rangeOf(this.#record.value);
  }

  headerRange(): ByteRange {
    return this.#rangeOf(encodeHeaders(this.#record.headers));
  }

  original(): StreamRecord {
    return this.#record;
  }

  #rangeOf(value: FieldValue): ByteRange {
    setRange(this.#range, value);
    return this.#range;
  }
}

/** Bytes cannot hold a lone surrogate; text that has one reads as it would after a trip through the log. */
function wellFormed(record: StreamRecord): StreamRecord {
  const headers = Object.entries(record.headers);
  if (record.key.isWellFormed() && headers.every(([, text]) => text.isWellFormed())) return record;
  return {
    ...record,
    key: record.key.toWellFormed(),
    headers: Object.fromEntries(headers.map(([name, text]) => [name, text.toWellFormed()])),
  };
}
