import type { Presence, Sighting } from '../sighting.ts';
import { withSilence } from '../suppression/usual-silence.ts';
import type { AlertCell, KindCell } from './cells.ts';
import { endAlert } from './end-alert.ts';
import type { GroupingOptions } from './options.ts';
import type { TenantCells } from './tenant-cells.ts';

/** What something being over came to. */
export interface Cleared {
  readonly alert: AlertCell;
  /** It lasts on no host any more. */
  readonly ended: boolean;
}

/** Takes that something is over which lasts until then; null where nothing of that name lasts on that host. */
export function takeClear(cells: TenantCells, options: GroupingOptions, sighting: Sighting): Cleared | null {
  const nowMs = Math.max(cells.totals().nowMs, sighting.timeMs);
  const { host, name } = cells.bounded(sighting, options);
  const key = cells.keys.kind(host, name);
  const kind = cells.kind(key, host, name);
  const alert = kind.held === true ? cells.alert(kind.alert) : undefined;
  if (alert === undefined) return null;
  delete kind.held;
  const flaps = noteClear(kind, nowMs, options);
  cells.put(key, kind);
  alert.lastMs = Math.max(alert.lastMs, nowMs);
  alert.holding = (alert.holding ?? 1) - 1;
  if (flaps >= options.flapAfter) alert.flaps = flaps;
  if (alert.holding === 0 && alert.flaps === undefined) {
    endAlert(cells, alert, nowMs);
    return { alert, ended: true };
  }
  if (alert.holding === 0) alert.calmMs = nowMs;
  cells.putAlert(alert);
  return { alert, ended: false };
}

/** How often this kind was over within the time that tells flapping, now included. */
function noteClear(kind: KindCell, nowMs: number, { flapWithinMs }: GroupingOptions): number {
  const recent = [...(kind.clears ?? []).filter((clearMs) => nowMs - clearMs <= flapWithinMs), nowMs];
  kind.clears = recent.slice(-mostClears);
  return kind.clears.length;
}

const mostClears = 20;

/** Takes whether a host gives signs of life. Answers the alerts that opened on it: their state depends on that. */
export function takePresence(
  cells: TenantCells,
  host: string,
  presence: Presence,
  timeMs: number,
): readonly AlertCell[] {
  const key = cells.keys.host(host);
  const cell = cells.host(key);
  if ((cell.presence ?? 'ok') === presence) return [];
  if (presence === 'ok') {
    delete cell.presence;
    delete cell.silence;
    if (cell.silentSinceMs !== undefined)
      cell.silences = withSilence(cell.silences ?? [], cell.silentSinceMs, timeMs);
    delete cell.silentSinceMs;
  } else cell.presence = presence;
  if (presence === 'no-data') cell.silentSinceMs = timeMs;
  cells.put(key, cell);
  return cells.alertsOf(host);
}

/**
 * It goes on whether it is reported or not: until it is told clear; while it flaps, until it has been clear for long;
 * and while its host gives no sign of life, since nobody can say.
 */
export function lasts(
  cells: TenantCells,
  alert: AlertCell,
  nowMs: number,
  { flapCalmMs }: GroupingOptions,
): boolean {
  if ((alert.holding ?? 0) > 0) return true;
  if (alert.flaps !== undefined) return alert.calmMs === undefined || nowMs - alert.calmMs <= flapCalmMs;
  return cells.host(cells.keys.host(alert.host)).presence !== undefined;
}
