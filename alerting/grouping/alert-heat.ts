import type { AlertCell } from './cells.ts';
import type { TenantCells } from './tenant-cells.ts';

/** The heat of an alert as of now. What came since it opened has faded by nothing worth counting: unfaded totals serve. */
export function heatOf(
  cells: TenantCells,
  { host, open, heatHere, heatElsewhere }: AlertCell,
): { readonly here: number; readonly elsewhere: number } {
  if (open === undefined) return { here: heatHere, elsewhere: heatElsewhere };
  const here = cells.host(cells.keys.host(host)).heat.total - open.here;
  const all = cells.totals().heat.total - open.all;
  return { here: heatHere + here, elsewhere: heatElsewhere + Math.max(0, all - here) };
}

/** Nothing that comes later counts for this alert. */
export function fixHeat(cells: TenantCells, alert: AlertCell): void {
  const { here, elsewhere } = heatOf(cells, alert);
  alert.heatHere = here;
  alert.heatElsewhere = elsewhere;
  delete alert.open;
}
