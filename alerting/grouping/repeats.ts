import type { AlertHistory, HostCell, KindCell, NameCell, TotalsCell } from './cells.ts';

/** Classes 0 to 3 are the first to the fourth episode of a kind; from there two classes for each doubling. */
const finest = 4;
const classes = 64;

function classOf(earlier: number): number {
  return earlier < finest ? earlier : Math.min(classes - 1, Math.floor(2 * Math.log2(earlier)));
}

/**
 * How surprising it is that an episode is only the n-th of its kind: −ln of the share of a tenant's episodes that
 * were as new or newer, less 1, and at least 0. It calibrates itself: while everything is new, and where every day
 * brings new kinds, being new means little. `seen` counts by class; Laplace's rule for the first ones.
 */
export function surpriseOf(seen: readonly number[], total: number, earlier: number): number {
  let asNew = 0;
  for (let i = classOf(earlier); i >= 0; i--) asNew += seen[i] ?? 0;
  return Math.max(0, -Math.log((asNew + 1) / (total + 2)) - 1);
}

/** Counts an episode that had `earlier` before it. */
export function countRepeat(seen: number[], earlier: number): void {
  const at = classOf(earlier);
  while (seen.length <= at) seen.push(0);
  seen[at] = (seen[at] ?? 0) + 1;
}

/** What is known before an episode counts. */
export function historyOf(totals: TotalsCell, kind: KindCell, name: NameCell, host: HostCell): AlertHistory {
  const { episodes, kinds } = totals;
  const counts = { ofKind: kind.episodes, ofName: name.episodes, ofHost: host.episodes };
  return { episodes, kinds, ...counts };
}
