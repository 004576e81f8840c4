import { isUtf8 } from 'node:buffer';

/** Any JSON object: nothing is known of its members. */
export type Members = Readonly<Record<string, unknown>>;

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function membersOf(value: unknown): Members {
  return isMembers(value) ? value : {};
}

/** A text or number as text; empty for anything else. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

/** A number, also one in text; null for anything else. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** How a database's connector writes a truth value: true, 1, "1", "t". Null for null and anything else. */
export function truthOf(value: unknown): boolean | null {
  if (value === true || value === 1 || value === '1' || value === 't' || value === 'true') return true;
  if (value === false || value === 0 || value === '0' || value === 'f' || value === 'false') return false;
  return null;
}

/** Parsed JSON; undefined where the bytes are not UTF-8 or not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) return undefined;
  return parseText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}

/** The same for text. */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** JSON in a string, parsed; what is no string or no JSON stays as it is. */
export function unpacked(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const parsed = parseText(value);
  return typeof parsed === 'object' && parsed !== null ? parsed : value;
}

const isoTime = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * A time as databases and connectors write it, in milliseconds since the epoch: ISO 8601 (without a zone: UTC,
 * as the tools' databases keep it), or a number of seconds, milliseconds, microseconds or nanoseconds, told
 * apart by size (Debezium: Timestamp, MicroTimestamp, NanoTimestamp, ZonedTimestamp). NaN where it is none.
 */
export function timeOf(value: unknown): number {
  if (typeof value === 'number') return timeOfNumber(value);
  if (typeof value !== 'string') return Number.NaN;
  const parts = isoTime.exec(value);
  if (parts === null) return /^\d{9,19}$/.test(value) ? timeOfNumber(Number(value)) : Number.NaN;
  const [, date = '', time = '', fraction = '', zone = 'Z'] = parts;
  const withMinutes = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  return Date.parse(`${date}T${time}${fraction.slice(0, 4)}${withMinutes.toUpperCase()}`);
}

function timeOfNumber(value: number): number {
  if (value > 1e17) return Math.floor(value / 1e6);
  if (value > 1e14) return Math.floor(value / 1e3);
  return value > 1e11 ? value : value > 1e8 ? value * 1000 : Number.NaN;
}

/** The first line of a text that says something, at most `length` characters; undefined where there is none. */
export function firstLine(value: unknown, length = 400): string | undefined {
  const line = textOf(value)
    .split(/\r\n|[\r\n]/, 50)
    .map((text) => text.trim())
    .find((text) => text !== '');
  return line === undefined ? undefined : line.slice(0, length).toWellFormed();
}

/** The object without members that are undefined or empty text. */
export function filled<T extends object>(members: T): Filled<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== ''),
  ) as Filled<T>;
}

type Filled<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** A segment of an event's `path`: an id of the tool may hold anything. */
export function segment(id: string): string {
  return encodeURIComponent(id.toWellFormed());
}
