import type { AlertCell, KindCell, Under } from './cells.ts';
import { type Explanation, isSameUnder } from './explained.ts';
import type { GroupingOptions } from './options.ts';
import type { TenantCells } from './tenant-cells.ts';

/** Where a report belongs. */
export interface Place {
  readonly key: string;
  readonly kind: KindCell;
  /** The alert of the kind's episode that goes on. */
  readonly live: AlertCell | undefined;
  /** The alert of the same name that opened elsewhere a moment ago: an episode that begins joins it. */
  readonly spreading: AlertCell | undefined;
  readonly explained: Explanation | null;
}

interface Reported extends Under {
  readonly nowMs: number;
  /** What the host's silence follows from, where the report says that it is silent. */
  readonly explained: Explanation | null;
}

/** Where a report of this name on this host belongs. Changes nothing. */
export function placeOf(
  cells: TenantCells,
  options: GroupingOptions,
  { host, name, nowMs, explained }: Reported,
): Place {
  const key = cells.keys.kind(host, name);
  const kind = cells.kind(key, host, name);
  const live = liveAlert(cells, options, kind, nowMs);
  if (live !== undefined) return { key, kind, live, spreading: undefined, explained };
  const { alert, alertOpenedMs } = cells.name(cells.keys.name(name));
  const last = nowMs - alertOpenedMs <= options.spreadMs ? cells.alert(alert) : undefined;
  // What follows from something else is not the same trouble as what does not.
  const spreading = isSameUnder(last?.under, explained?.under) ? last : undefined;
  return { key, kind, live, spreading, explained };
}

function liveAlert(
  cells: TenantCells,
  { gapMs, maxGapMs, maxSpanMs }: GroupingOptions,
  kind: KindCell,
  nowMs: number,
): AlertCell | undefined {
  if (kind.episodes === 0) return undefined;
  const alert = cells.alert(kind.alert);
  if (kind.held === true || alert?.flaps !== undefined) return alert;
  const longestMs = Math.min(maxGapMs, gapMs * kind.episodes);
  if (nowMs - kind.lastMs > longestMs || nowMs - kind.openedMs > maxSpanMs) return undefined;
  return alert;
}
