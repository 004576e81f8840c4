import { lifeSourcePrefix, lifeTypePrefix, type LifeWord, lifeWords } from '../../contracts/device.ts';
import type { ListedEvent } from '../api/answers.ts';

/** The states between which a device's events move it. */
export type LifeState = 'online' | 'late' | 'offline';

export interface Stretch {
  readonly state: LifeState | 'unknown';
  readonly fromMs: number;
  readonly toMs: number;
}

type Told = Pick<ListedEvent, 'sourceType' | 'source' | 'sourceId' | 'eventTime'>;

/** What an event tells of its device's life; null for any other event. */
export function lifeWordOf({
  sourceType,
  source,
}: Pick<ListedEvent, 'sourceType' | 'source'>): LifeWord | null {
  if (!sourceType.startsWith(lifeTypePrefix) || !source.startsWith(lifeSourcePrefix)) return null;
  const word = sourceType.slice(lifeTypePrefix.length);
  return lifeWords.find((one) => one === word) ?? null;
}

/** What was told of a device's life, newest first: what is of one moment by the numbers that the platform gave. */
export function lifeEventsOf<T extends Told>(events: readonly T[]): readonly T[] {
  return events.filter((event) => lifeWordOf(event) !== null).sort((a, b) => orderOf(b, a));
}

function orderOf(a: Told, b: Told): number {
  return Date.parse(a.eventTime) - Date.parse(b.eventTime) || Number(a.sourceId) - Number(b.sourceId);
}

/**
 * Which state a device was in from `fromMs` to `toMs`, in stretches without a gap, oldest first. Before the first event
 * that is known it is unknown. A device that is late or offline was silent before that was told: the stretch begins where
 * it was told.
 */
export function stretchesOf(events: readonly Told[], fromMs: number, toMs: number): readonly Stretch[] {
  const turns = [...events].sort(orderOf).flatMap((event) => {
    const word = lifeWordOf(event);
    return word === 'online' || word === 'late' || word === 'offline'
      ? [{ state: word, atMs: Date.parse(event.eventTime) }]
      : [];
  });
  const stretches: Stretch[] = [];
  let state: Stretch['state'] = 'unknown';
  let sinceMs = fromMs;
  const end = (atMs: number): void => {
    if (atMs > sinceMs) stretches.push({ state, fromMs: sinceMs, toMs: atMs });
    sinceMs = Math.max(sinceMs, atMs);
  };
  for (const turn of turns) {
    if (turn.atMs > toMs) break;
    if (turn.state === state) continue;
    end(turn.atMs);
    state = turn.state;
  }
  end(toMs);
  return stretches;
}

/** How long each state lasted in all, longest first. */
export function totalsOf(stretches: readonly Stretch[]): readonly (readonly [Stretch['state'], number])[] {
  const totals = new Map<Stretch['state'], number>();
  for (const { state, fromMs, toMs } of stretches)
    totals.set(state, (totals.get(state) ?? 0) + toMs - fromMs);
  return [...totals].sort(([, a], [, b]) => b - a);
}

/** One fact of the inventory that is not what it was. */
export interface Change {
  readonly path: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** The changes in the `data` of an event; what is of another shape is left out, since anyone of the tenant may send it. */
export function changesOf(data: unknown): readonly Change[] {
  const changes = membersOf(membersOf(data)['row'])['changes'];
  return (Array.isArray(changes) ? (changes as readonly unknown[]) : []).flatMap((change) => {
    const { path, from, to } = membersOf(change);
    return typeof path === 'string' ? [{ path, from: textOf(from), to: textOf(to) }] : [];
  });
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
