import type { AlertFeedback, AlertOutcome } from '../../contracts/alert-feedback.ts';
import type { Cell, Cells } from '../grouping/cells.ts';
import type { JudgedCell, LearnedCell } from './learned-cells.ts';

/** What was learned from longer ago has faded to an eighth. */
const forgetMs = 90 * 86_400_000;
/** Outcomes of more alerts than these are not learned from, so that nobody fills the memory. */
const mostJudged = 20_000;

/** What an alert's outcome was counted as, and when: to be taken back where another takes its place. */
export interface OutcomeChange {
  readonly before: { readonly outcome: AlertOutcome; readonly atMs: number } | null;
  readonly after: { readonly outcome: AlertOutcome; readonly atMs: number } | null;
}

/** The cells of one learner, by their keys' beginning. */
export function learnedCell(cells: Cells, prefix: string): LearnedCell {
  const cell = cells.get(`${prefix}learned`);
  return cell?.cell === 'learned' ? cell : { cell: 'learned', outcomes: 0, judged: 0, told: 0, lastMs: 0 };
}

/**
 * Takes what people made of an alert; null where that changes nothing: it was taken before, in this or in a later
 * version, or there are too many.
 */
export function takeOutcome(
  cells: Cells,
  prefix: string,
  { alertId, steps, outcome, atMs }: AlertFeedback,
): OutcomeChange | null {
  const key = `${prefix}judged/${alertId}`;
  const known = cells.get(key);
  const judged: JudgedCell | null = known?.cell === 'judged' ? known : null;
  if (judged !== null && judged.steps >= steps) return null;
  const totals = learnedCell(cells, prefix);
  if (judged === null && (outcome === null || totals.judged >= mostJudged)) return null;
  const before =
    judged === null || judged.outcome === null ? null : { outcome: judged.outcome, atMs: judged.lastMs };
  cells.put(key, { cell: 'judged', steps, outcome, lastMs: atMs });
  if (judged === null) totals.judged++;
  if (before?.outcome === outcome) return null;
  totals.outcomes++;
  totals.lastMs = Math.max(totals.lastMs, atMs);
  cells.put(`${prefix}learned`, totals);
  return { before, after: outcome === null ? null : { outcome, atMs } };
}

/** Forgets what had no feedback for long, of one learner. Called every minute or so with its cells. */
export function expireLearning(
  cells: Cells,
  prefix: string,
  known: Iterable<readonly [string, Cell]>,
  nowMs: number,
): void {
  const totals = learnedCell(cells, prefix);
  for (const [key, cell] of known) {
    if (cell.cell !== 'told' && cell.cell !== 'judged' && cell.cell !== 'shared') continue;
    if (nowMs - cell.lastMs <= forgetMs) continue;
    cells.delete(key);
    if (cell.cell === 'shared') continue;
    totals[cell.cell]--;
    cells.put(`${prefix}learned`, totals);
  }
}
