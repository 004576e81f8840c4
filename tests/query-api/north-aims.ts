import { eventIdOf } from './enriched-events.ts';
import { northOnly } from './two-tenants.ts';

/** What north's rows are found by, for every argument and every member of a filter, whatever its field. */
export const aims: Readonly<Record<string, readonly string[]>> = {
  eventId: [`"${eventIdOf(1)}"`, `"${northOnly.eventId}"`],
  deviceId: ['"twin"', `"${northOnly.deviceId}"`, `"twin' OR tenant_id = 'north"`],
  deviceIds: [`["twin", "${northOnly.deviceId}"]`],
  alertId: ['"a1"', `"${northOnly.alertId}"`],
  incidentId: ['"a1"', `"${northOnly.alertId}"`],
  organizationId: ['"org-1"', `"northern organization"`],
  organizationIds: ['["org-1", "northern organization"]'],
  eventTypes: ['["NORTHERN_TYPE"]'],
  toolTypes: ['["OPENFRAME"]'],
  search: ['"northern"', `"' OR 1=1 --"`],
  name: ['"cpu"'],
  from: ['"2026-01-01T00:00:00Z"'],
  to: ['"2026-02-10T00:00:00Z"'],
  bucket: ['"1d"'],
  minScore: ['12'],
  every: ['"1s"'],
  first: ['1000'],
  limit: ['200'],
  top: ['100'],
  others: ['true'],
  until: ['"2031-01-01T00:00:00Z"'],
  assignee: ['"me"'],
  text: ['"mine"'],
  whenClear: ['true'],
  ruleId: ['"twin-rule"'],
  windowId: ['"twin-window"'],
  parentId: ['"twin-host"'],
  verdict: ['"noise"'],
};
