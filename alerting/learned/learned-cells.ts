import type { AlertOutcome } from '../../contracts/alert-feedback.ts';
import type { Tally } from './tally.ts';

/** What people made of alerts of one name, by the circumstances; or of one name on one host. */
export interface ToldCell {
  readonly cell: 'told';
  readonly all: Tally;
  readonly by: Record<string, Tally>;
  lastMs: number;
}

/** The outcome of one alert that was learned from last: a repeated one changes nothing, another takes it back. */
export interface JudgedCell {
  readonly cell: 'judged';
  steps: number;
  outcome: AlertOutcome | null;
  lastMs: number;
}

/** What each of some tenants made of alerts of one rule or type of event. */
export interface SharedCell {
  readonly cell: 'shared';
  readonly tenants: Record<string, Tally>;
  lastMs: number;
}

/** How much there is of the cells above, and how many outcomes were learned from so far: the model's version. */
export interface LearnedCell {
  readonly cell: 'learned';
  outcomes: number;
  judged: number;
  told: number;
  lastMs: number;
}

export type LearningCell = ToldCell | JudgedCell | SharedCell | LearnedCell;

const kinds: ReadonlySet<string> = new Set(['told', 'judged', 'shared', 'learned']);

export function isLearning<Other extends { readonly cell: string }>(
  cell: Other | LearningCell,
): cell is LearningCell {
  return kinds.has(cell.cell);
}
