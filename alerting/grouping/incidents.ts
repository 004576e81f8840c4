import type { AlertCell, HostCell, IncidentCell, NameCell } from './cells.ts';
import type { GroupingOptions } from './options.ts';
import type { TenantCells } from './tenant-cells.ts';

/** So many organizations may have one trouble at once, each an incident of its own. */
const mostOrganizations = 200;

interface JoinedBy {
  readonly host: HostCell;
  readonly name: NameCell;
  /** The alert that explains this one. */
  readonly parent: AlertCell | null;
  /** Events' own severity says so, no rule. */
  readonly ofEvents: boolean;
}

/**
 * Puts an alert that opens into an incident: the one of the alert that explains it while that goes on, or else the one of
 * its host, or of its name in its organization, if an alert opened there a moment ago; else into one of its own. An
 * incident without an alert that goes on may be taken up again for `reopenMs`, then it is closed and never takes another;
 * nor does one that is older than `maxSpanMs`. The cells of host and name are the caller's to put.
 */
export function joinIncident(
  cells: TenantCells,
  alert: AlertCell,
  { host, name, parent, ofEvents }: JoinedBy,
  options: GroupingOptions,
): void {
  const nowMs = alert.openedMs;
  const organizationId = alert.detail?.organizationId ?? null;
  const ofParent = parent === null ? undefined : cells.incident(parent.incident?.id ?? '');
  const ofHost = live(cells, host.incident?.id, nowMs, options);
  const inOrganization = name.incidents?.find((one) => one.organizationId === organizationId);
  // What a rule finds is of its device: that one is silent says nothing of the next one an hour later.
  const ofName = live(cells, inOrganization?.id, nowMs, options, (cell) =>
    ofEvents ? timesOf(cell, options.spreadMost) : 1,
  );
  const found = ofParent ?? ofHost ?? ofName;
  const incident: IncidentCell = found ?? {
    ...{ cell: 'incident', id: alert.id, openedMs: nowMs, lastMs: nowMs, going: 0 },
  };
  const [kind, from] =
    ofParent !== undefined
      ? (['parent', parent?.id] as const)
      : ofHost !== undefined
        ? (['same-device', host.incident?.alertId] as const)
        : (['same-trouble-in-organization', inOrganization?.alertId] as const);
  alert.incident = {
    id: incident.id,
    edge:
      found === undefined || from === undefined ? null : { kind, alertId: from, gapMs: nowMs - found.lastMs },
  };
  incident.lastMs = nowMs;
  incident.going++;
  delete incident.calmMs;
  if (found !== undefined && ofEvents && kind === 'same-trouble-in-organization')
    incident.spread = (incident.spread ?? 0) + 1;
  cells.put(cells.keys.incident(incident.id), incident);
  host.incident = { id: incident.id, alertId: alert.id };
  if (organizationId === null) return;
  const others = (name.incidents ?? []).filter(
    (one) =>
      one.organizationId !== organizationId && nowMs - one.atMs <= options.relatedMs * options.spreadMost,
  );
  const joined = { organizationId, id: incident.id, alertId: alert.id, atMs: nowMs };
  name.incidents = [...others, joined].slice(-mostOrganizations);
}

/** An alert of an incident ended. */
export function leaveIncident(cells: TenantCells, { incident }: AlertCell, nowMs: number): void {
  const cell = incident === undefined ? undefined : cells.incident(incident.id);
  if (cell === undefined) return;
  cell.going--;
  if (cell.going === 0) cell.calmMs = nowMs;
  cells.put(cells.keys.incident(cell.id), cell);
}

/** Nothing of it goes on, and its time to be taken up again is over. */
export function isClosed(
  cell: IncidentCell,
  nowMs: number,
  { reopenMs, spreadMost }: GroupingOptions,
): boolean {
  const { calmMs } = cell;
  return calmMs !== undefined && nowMs - calmMs > reopenMs * timesOf(cell, spreadMost);
}

/** What spreads through an organization comes back: each device that joined gives the next one as long again. */
function timesOf({ spread = 0 }: IncidentCell, most: number): number {
  return Math.min(1 + spread, most);
}

function live(
  cells: TenantCells,
  id: string | undefined,
  nowMs: number,
  options: GroupingOptions,
  times: (cell: IncidentCell) => number = () => 1,
): IncidentCell | undefined {
  const cell = id === undefined ? undefined : cells.incident(id);
  if (cell === undefined || isClosed(cell, nowMs, options)) return undefined;
  const near = nowMs - cell.lastMs <= options.relatedMs * times(cell);
  return near && nowMs - cell.openedMs <= options.maxSpanMs ? cell : undefined;
}
