import { formatCount } from '../format/format-number.ts';

/** What a wall shows, as its address says. */
export interface WallState {
  /** After so many seconds the next incidents are shown, where there are more than fit; null: the first stay. */
  readonly turnSeconds: number | null;
}

const leastSeconds = 5;
const mostSeconds = 3_600;
/** What was not heard of for so long is not what goes on now. */
export const staleMs = 15_000;

/** `?turn=SECONDS`; what cannot be read turns nothing. */
export function wallStateOf(searchText: string): WallState {
  const seconds = Number(new URLSearchParams(searchText).get('turn') ?? Number.NaN);
  const isMeant = Number.isFinite(seconds) && seconds > 0;
  return { turnSeconds: isMeant ? Math.max(leastSeconds, Math.min(mostSeconds, seconds)) : null };
}

/** Whether an address is of the wall: its own, or any with `wall=1`. */
export function isWall(pathname: string, searchText: string): boolean {
  return pathname === '/wall' || new URLSearchParams(searchText).get('wall') === '1';
}

interface Others {
  /** Of all that are open: those that were asked for, and those that the screen has room for. */
  readonly total: number;
  readonly listed: number;
  readonly shown: number;
  readonly turn: number;
  readonly turns: number;
  readonly turnSeconds: number | null;
}

/** What is said of those that are not on the screen; nothing where all are. */
export function othersWords({ total, listed, shown, turn, turns, turnSeconds }: Others): string {
  // The count and the list are of two moments.
  const all = Math.max(total, listed);
  if (all <= shown) return '';
  if (turnSeconds === null) return `${formatCount(all - shown)} more`;
  const part = `Part ${turn} of ${turns}`;
  return all === listed ? part : `${part}, of ${formatCount(all)} the first ${formatCount(listed)}`;
}

/** The rows of the turn that it is, and which of how many. */
export function turnOf<Row>(
  rows: readonly Row[],
  fit: number,
  turnSeconds: number | null,
  nowMs: number,
): { readonly rows: readonly Row[]; readonly turn: number; readonly turns: number } {
  const turns = Math.max(1, Math.ceil(rows.length / fit));
  const turn = turnSeconds === null ? 0 : Math.floor(nowMs / (turnSeconds * 1_000)) % turns;
  return { rows: rows.slice(turn * fit, (turn + 1) * fit), turn: turn + 1, turns };
}
