import { earliestMs, eventColumns, isEventId, latestMs } from './event-columns.ts';

export type Repaired = { readonly line: Buffer } | { readonly reason: string; readonly cause?: unknown };

/**
 * Reads a record that the engine's own JSON reader refused, by JavaScript's rules (which allow a lone
 * surrogate's escape), and prints it so that the engine takes it; or says why it can never be stored.
 * `dataMember` gives what the line carries as `data`, from the record's data and its text.
 */
export function repairRecord(
  value: Buffer,
  ordinal: number,
  dataMember: (data: unknown, text: string) => unknown,
): Repaired {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(value);
    const event: unknown = JSON.parse(text);
    if (typeof event !== 'object' || event === null) return { reason: 'the event is not a JSON object' };
    const members = new Map<string, unknown>(Object.entries(event));
    const line: Record<string, unknown> = { recordIndex: ordinal };
    for (const { member, type, required } of eventColumns) {
      const found = members.get(member) ?? null;
      if (found === null && required) return { reason: `the member ${member} is missing` };
      const repaired = found === null ? undefined : repairValue(found, type);
      if (repaired === null) return { reason: `the member ${member} is not ${describe(type)}` };
      line[member] = repaired;
    }
    const data: unknown = members.get('data') ?? null;
    if (data !== null) line['data'] = dataMember(data, dataText(text, data));
    return { line: Buffer.from(JSON.stringify(line)) };
  } catch (cause) {
    return { reason: 'the event is not JSON in UTF-8, or nested too deep to read', cause };
  }
}

/** The value as a line holds it; null where it is not of the type. */
function repairValue(value: unknown, type: 'UUID' | 'VARCHAR' | 'TIMESTAMP_MS'): string | number | null {
  if (type === 'TIMESTAMP_MS') {
    const whole = typeof value === 'number' ? Math.round(value) : Number.NaN;
    return whole >= earliestMs && whole <= latestMs ? whole : null;
  }
  if (typeof value !== 'string') return null;
  if (type === 'UUID') return isEventId(value) ? value : null;
  return value.toWellFormed();
}

function describe(type: 'UUID' | 'VARCHAR' | 'TIMESTAMP_MS'): string {
  if (type === 'UUID') return 'a UUID';
  return type === 'VARCHAR' ? 'text' : 'a time of the years 1 to 9999 in milliseconds';
}

/** The text of `data`, the last member, as it came: printing it anew would change numbers beyond a double. */
function dataText(text: string, data: unknown): string {
  const at = text.indexOf('"data":');
  const raw = text.slice(at + '"data":'.length, text.lastIndexOf('}')).trim();
  try {
    JSON.parse(raw);
    return raw;
  } catch {
    return JSON.stringify(data);
  }
}
