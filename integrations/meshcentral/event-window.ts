import { hash } from 'node:crypto';
import { z } from 'zod';

/**
 * How far the events were read: all up to `throughMs`. MeshCentral's answers name no event, so those of the last
 * minute are remembered by their content.
 */
export const meshCursorSchema = z.strictObject({
  throughMs: z.number(),
  /** Time and name of each event of the last minute before `throughMs`, ascending. */
  recent: z.array(z.tuple([z.number(), z.string()])),
});
export type MeshCursor = z.infer<typeof meshCursorSchema>;

/** An event as MeshCentral answers it. */
export const meshEventSchema = z.looseObject({ time: z.iso.datetime({ offset: true }) });
type MeshEvent = z.infer<typeof meshEventSchema>;

export interface NamedEvent {
  readonly id: string;
  readonly timeMs: number;
  readonly event: MeshEvent;
}

/** Several servers, and databases that write in bulk, store an event a little after one with a later time. */
const overlapMs = 60_000;
const rememberedEvents = 5_000;

/** From which moment on events must be asked for. */
export function windowStartMs(cursor: MeshCursor | null, sinceMs: number): number {
  return cursor === null ? sinceMs : Math.max(sinceMs, cursor.throughMs - overlapMs);
}

/**
 * The events of an answer, newest first, that holds every one from `fromMs` on: oldest first, each with a name made
 * of its content.
 * Equal events of one millisecond are told apart by their number, so that however often and in whatever order they
 * are read, as many names come of them as there are events.
 */
export function nameEvents(events: readonly MeshEvent[], fromMs: number): readonly NamedEvent[] {
  const counts = new Map<string, number>();
  const named = events.toReversed().flatMap((event): readonly NamedEvent[] => {
    const timeMs = Date.parse(event.time);
    if (!(timeMs >= fromMs)) return [];
    const content = hash('sha256', JSON.stringify(sorted(event)), 'base64url').slice(0, 32);
    const count = (counts.get(content) ?? 0) + 1;
    counts.set(content, count);
    return [{ id: count === 1 ? content : `${content}.${count}`, timeMs, event }];
  });
  return named.sort((a, b) => a.timeMs - b.timeMs);
}

/** Those that the cursor does not know. */
export function unreadEvents(named: readonly NamedEvent[], cursor: MeshCursor | null): readonly NamedEvent[] {
  const known = new Set(cursor?.recent.map(([, id]) => id));
  return named.filter(({ id }) => !known.has(id));
}

/** The cursor once these events, oldest first, are durable too. */
export function advance(cursor: MeshCursor | null, read: readonly NamedEvent[]): MeshCursor {
  const throughMs = read.reduce((ms, { timeMs }) => Math.max(ms, timeMs), cursor?.throughMs ?? 0);
  const recent = [
    ...(cursor?.recent ?? []),
    ...read.map(({ timeMs, id }): [number, string] => [timeMs, id]),
  ].filter(([timeMs]) => timeMs >= throughMs - overlapMs);
  return { throughMs, recent: recent.sort(([a], [b]) => a - b).slice(-rememberedEvents) };
}

/** The value with the members of its objects in order: databases keep them in different ones. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
