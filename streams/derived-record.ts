import { textOf } from './bytes-record.ts';
import type { RecordFormat, StreamRecord } from './record.ts';
import type { DerivedRecord } from './stage.ts';

/** A derived record looks as if it had come in with its fields: those that a source carries are carried so. */
export function derivedRecord(derived: DerivedRecord, format: RecordFormat): StreamRecord {
  const headers = Object.entries(format.headers).flatMap(([header, { name }]) => {
    const value = derived.fields[name];
    return value === undefined ? [] : [[header, textOf(value)] as const];
  });
  const value = derived.fields[format.value.name];
  return {
    key: derived.key,
    eventTimeMs: derived.eventTimeMs,
    headers: Object.fromEntries(headers),
    value: value === undefined ? null : Buffer.from(textOf(value)),
  };
}

/** All fields of a derived record as JSON: what its dead letter keeps, since no bytes came in. */
export function jsonOf(fields: DerivedRecord['fields']): Buffer {
  const texts = Object.entries(fields).map(([name, v]) => [name, typeof v === 'number' ? v : textOf(v)]);
  return Buffer.from(JSON.stringify(Object.fromEntries(texts)));
}
