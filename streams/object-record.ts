import { appendValue, setRange, textOf } from './bytes-record.ts';
import type { ByteWriter } from './byte-writer.ts';
import { encodeHeaders } from './record-batch.ts';
import type { ByteRange, Field, FieldTable, RecordFormat, RecordView, StreamRecord } from './record.ts';

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
  readonly #range: ByteRange = { bytes: Buffer.alloc(0), start: 0, end: 0 };
  readonly #values = new Map<Field, string | number | Uint8Array>();

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
    if (typeof value === 'number') return value;
    const text = this.text(field);
    return text === '' ? Number.NaN : Number(text);
  }

  json(field: Field): unknown {
    return this.has(field) ? (JSON.parse(this.text(field)) as unknown) : undefined;
  }

  range(field: Field): ByteRange {
    setRange(this.#range, this.#values.get(field) ?? '');
    return this.#range;
  }

  set(field: Field, value: string | number | Uint8Array): void {
    this.#values.set(field, value);
  }

  appendJson(field: Field, writer: ByteWriter): boolean {
    const value = this.#values.get(field);
    if (value === undefined) return false;
    appendValue(value, this.#fields.kind(field), writer);
    return true;
  }

  keyBytes(): Uint8Array | null {
    return this.#record.key === '' ? null : Buffer.from(this.#record.key);
  }

  valueBytes(): Uint8Array | null {
    return this.#record.value;
  }

  headerSection(): Uint8Array {
    return encodeHeaders(this.#record.headers);
  }

  original(): StreamRecord {
    return this.#record;
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
