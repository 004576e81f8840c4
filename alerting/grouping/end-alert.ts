import { fixHeat } from './alert-heat.ts';
import type { AlertCell } from './cells.ts';
import { leaveIncident } from './incidents.ts';
import type { TenantCells } from './tenant-cells.ts';

/** An alert that ended takes no report any more: the next one opens another. */
export function endAlert(cells: TenantCells, alert: AlertCell, nowMs: number): void {
  fixHeat(cells, alert);
  cells.deleteAlert(alert);
  leaveIncident(cells, alert, nowMs);
}
