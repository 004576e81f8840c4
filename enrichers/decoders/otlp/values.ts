import { membersOf } from '../values.ts';

const maxValueDepth = 16;

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A number, or a 64-bit integer as text (proto3's JSON mapping); NaN for anything else. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
}

/** Milliseconds of nanoseconds since the epoch; 0 where the time is not known. */
export function millisOf(nanos: unknown): number {
  const text = typeof nanos === 'number' ? String(Math.trunc(nanos)) : textOf(nanos);
  return /^\d{7,20}$/.test(text) ? Number(text.slice(0, -6)) : 0;
}

/** An OTLP AnyValue as plain JSON; what nests too deep to be meant becomes null. */
export function plainValue(value: unknown, depthLeft = maxValueDepth): unknown {
  const any = membersOf(value);
  if (depthLeft === 0) return null;
  if (typeof any['stringValue'] === 'string') return any['stringValue'];
  if (typeof any['boolValue'] === 'boolean') return any['boolValue'];
  if (any['intValue'] !== undefined) return exactNumber(any['intValue']);
  if (any['doubleValue'] !== undefined) return numberOf(any['doubleValue']);
  if (any['arrayValue'] !== undefined) {
    return listOf(membersOf(any['arrayValue'])['values']).map((item) => plainValue(item, depthLeft - 1));
  }
  if (any['kvlistValue'] !== undefined) {
    return plainAttributes(membersOf(any['kvlistValue'])['values'], depthLeft - 1);
  }
  return typeof any['bytesValue'] === 'string' ? any['bytesValue'] : null;
}

/** A list of OTLP KeyValues as an object. */
export function plainAttributes(list: unknown, depthLeft = maxValueDepth): Record<string, unknown> {
  // Without a prototype a key such as `__proto__` is a name like any other.
  const attributes = Object.create(null) as Record<string, unknown>;
  for (const item of listOf(list)) {
    const { key, value } = membersOf(item);
    if (typeof key === 'string' && key !== '') attributes[key] = plainValue(value, depthLeft);
  }
  return attributes;
}

/** An integer that a double cannot hold stays text. */
function exactNumber(value: unknown): number | string | null {
  const number = numberOf(value);
  if (Number.isSafeInteger(number)) return number;
  // An object from outside may lack what String() calls.
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
