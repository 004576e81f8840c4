import { appendValue } from './bytes-record.ts';
import type { ByteWriter } from './byte-writer.ts';
import { encodeHeaders } from './record-batch.ts';
import type { ByteRange, Field, FieldTable, RecordFormat, RecordView, StreamRecord } from './record.ts';

/**
 * The view over a record that is an object: the test driver's, and that of records which stages derive.
 * A property test holds it equal to `BytesRecord`, so what a stage does in a test it does on the hot path.
 */
export class ObjectRecord implements RecordView {
  readonly partition: number;
  readonly offset: number;
  readonly #record: StreamRecord;
  readonly #fields: FieldTable;
  readonly #values = new Map<Field, string | number | Uint8Array>();

  constructor(
    record: StreamRecord,
    format: RecordFormat,
    fields: FieldTable,
    at: { readonly partition: number; readonly offset: number } = { partition: 0, offset: 0 },
  ) {
    this.#record = record;
    this.#fields = fields;
    this.partition = at.partition;
    this.offset = at.offset;
    if (record.value !== null) this.set(fields.add(format.value), record.value);
    for (const [header, text] of Object.entries(record.headers)) {
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
    return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
  }

  number(field: Field): number {
    const text = this.text(field);
    return text === '' ? Number.NaN : Number(text);
  }

  json(field: Field): unknown {
    return this.has(field) ? (JSON.parse(this.text(field)) as unknown) : undefined;
  }

  range(field: Field): ByteRange {
    const bytes = Buffer.from(this.text(field));
    return { bytes, start: 0, end: bytes.length };
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
    return Buffer.from(this.#record.key);
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
