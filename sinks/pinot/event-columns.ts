import { earliestMs, latestMs } from './enriched-record.ts';
import { literal, storedNull } from './stored-text.ts';

/** A moment as a literal, brought into what can be stored. */
export function momentLiteral(timeMs: number): string {
  return String(Math.ceil(Math.min(Math.max(timeMs, earliestMs), latestMs + 1)));
}

export const isNull = (column: string): string => `${column} = ${literal(storedNull)}`;
export const isKnown = (column: string): string => `${column} <> ${literal(storedNull)}`;
