import type { AlertCell } from './cells.ts';

/** An alert as grouping keeps it, reported once. */
export function createAlertCell(id: string): AlertCell {
  const history = { episodes: 0, kinds: 0, ofKind: 0, ofName: 0, ofHost: 0 };
  const about = { id, name: 'name', host: 'host', ordinal: 0, history, heatHere: 0, heatElsewhere: 0 };
  return { cell: 'alert', ...about, openedMs: 0, lastMs: 0, count: 1, hosts: 1 };
}
