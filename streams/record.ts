import type { ByteBlock } from './byte-block.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { EncodedText } from './encoded-text.ts';

/** A record as an object, for whatever is not the hot path: tests, derived records, dead letters. */
export interface StreamRecord {
  readonly key: string;
  /** Milliseconds since the Unix epoch at which the fact happened (not when it arrived). */
  readonly eventTimeMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The value's bytes; null is a tombstone. */
  readonly value: Uint8Array | null;
}

/** How a field's value is held and printed: text (a JSON string), a number, or JSON that is already encoded. */
export type FieldKind = 'text' | 'number' | 'json';

/** A field that a source gives or a stage adds. */
export interface FieldDeclaration {
  readonly name: string;
  readonly kind: FieldKind;
}

declare const fieldBrand: unique symbol;
/** A field's place in the records of one topology: what `StageOpening.field` gives for its name. */
export type Field = number & { readonly [fieldBrand]: true };

/** Bytes `[start, end)` of a block. One object, overwritten by the next call to `range`. */
export interface ByteRange extends ByteBlock {
  bytes: Buffer;
  view: DataView;
  viewBytes: number;
  start: number;
  end: number;
}

/** What a stage may set a field to: text or a number, by the field's kind, or JSON already encoded. */
export type FieldValue = string | number | Uint8Array | EncodedText;

/**
 * A record as a stage sees it: named fields over the log's bytes, read and parsed only when asked.
 * One view moves over the whole batch, so it is valid only during the call that received it.
 */
export interface RecordView {
  readonly key: string;
  readonly eventTimeMs: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  has(field: Field): boolean;
  /** The field as text; empty where it is absent. */
  text(field: Field): string;
  /** The field as a number; NaN where it is absent or not one. */
  number(field: Field): number;
  /** The field's JSON, parsed; undefined where it is absent. Throws where the bytes are not JSON. */
  json(field: Field): unknown;
  /** The field's bytes, UTF-8 (for JSON: encoded); empty where it is absent. */
  range(field: Field): ByteRange;
  /** Sets a field to text, to a number, or to JSON already encoded: according to the field's kind. */
  set(field: Field, value: FieldValue): void;
  /** Sets a field to bytes `[start, end)` of the record's value, uncopied: UTF-8 of a text, or JSON, by its kind. */
  setSpan(field: Field, start: number, end: number): void;
  /** Appends the field's value as JSON; returns false and appends nothing where it is absent. */
  appendJson(field: Field, writer: ByteWriter): boolean;
  /** The key's bytes as they came in; null where there is none. The range is valid until the next call for one. */
  keyRange(): ByteRange | null;
  /** The value's bytes as they came in; null for a tombstone. Valid until the next call for a range. */
  valueRange(): ByteRange | null;
  /** The encoded header section as it came in (see `encodeHeaders`). Valid until the next call for a range. */
  headerRange(): ByteRange;
  /** The record as it came in, without what stages added: what a dead letter keeps. */
  original(): StreamRecord;
}

/** The names of one topology's fields and where each stands in a record. */
export class FieldTable {
  readonly declarations: FieldDeclaration[] = [];
  readonly #byName = new Map<string, number>();

  add(declaration: FieldDeclaration): Field {
    const known = this.#byName.get(declaration.name);
    if (known !== undefined) return known as Field;
    this.#byName.set(declaration.name, this.declarations.length);
    this.declarations.push(declaration);
    return (this.declarations.length - 1) as Field;
  }

  find(name: string): Field | undefined {
    return this.#byName.get(name) as Field | undefined;
  }

  kind(field: Field): FieldKind {
    return this.declarations[field]?.kind ?? 'text';
  }
}

/** Which parts of a source's records carry which fields. */
export interface RecordFormat {
  /** Header name to the field it carries; other headers pass unread. */
  readonly headers: Readonly<Record<string, FieldDeclaration>>;
  /** The field that is the record's value. */
  readonly value: FieldDeclaration;
}

export function fieldsOf(format: RecordFormat): FieldDeclaration[] {
  return [...Object.values(format.headers), format.value];
}
