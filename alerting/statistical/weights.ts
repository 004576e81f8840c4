/** How much each measured quantity counts, in natural logarithms: e times as rare, or as hot, is one step. */
export interface TermWeights {
  readonly 'rare-kind': number;
  readonly 'rare-name': number;
  readonly 'quiet-host': number;
  readonly 'heat-here': number;
  readonly 'heat-elsewhere': number;
  readonly burst: number;
  readonly severity: number;
  readonly strength: number;
}

export type TermName = keyof TermWeights;

/** Round numbers; docs/alerts.md says how little each matters. */
export const defaultWeights: TermWeights = {
  'rare-kind': 1,
  'rare-name': 1,
  'quiet-host': 3,
  'heat-here': 5,
  'heat-elsewhere': 1.5,
  burst: 0.25,
  severity: 4,
  strength: 2,
};
