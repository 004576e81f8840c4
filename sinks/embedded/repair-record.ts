import { messageOf } from '../../contracts/enriched.ts';
import { earliestMs, eventColumns, isEventId, latestMs } from './event-columns.ts';

export type Repaired = { readonly line: Buffer } | { readonly reason: string; readonly cause?: unknown };

/**
 * Reads a record that the engine's own JSON reader refused, by JavaScript's rules (which allow a lone
 * surrogate's escape), and prints it so that the engine takes it; or says why it can never be stored.
 * The line carries the record's data as its text, and its samples and message as `readableData`.
 */
export function repairRecord(value: Buffer, ordinal: number): Repaired {
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
    if (data !== null) {
      line['data'] = dataText(text, data);
      line['readableData'] = JSON.stringify({
        ...repairedSamples(data),
        message: messageOf(data)?.toWellFormed(),
      });
    }
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

/** The members of samples that are kept, as the engine's JSON reader takes them: labels as JSON text. */
function repairedSamples(data: unknown): { readonly samples: readonly unknown[] } {
  const samples = membersOf(data).get('samples');
  if (!Array.isArray(samples)) return { samples: [] };
  return {
    samples: samples.map((sample: unknown) => {
      const members = membersOf(sample);
      const value = members.get('value');
      const labels = members.get('labels') ?? null;
      return {
        name: textMember(members.get('name')),
        value: typeof value === 'number' ? value : undefined,
        unit: textMember(members.get('unit')),
        labels: labels === null ? undefined : JSON.stringify(labels),
      };
    }),
  };
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function textMember(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toWellFormed() : undefined;
}
