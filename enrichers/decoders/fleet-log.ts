import { hash } from 'node:crypto';

import { type Decoded, type DecoderInput, nothing, refused, type ToolEvent } from './decoded.ts';
import { activityOf, isActivity } from './fleet-activity.ts';
import { filled, isMembers, type Members, membersOf, parseText, segment, textOf, timeOf } from './values.ts';

/**
 * Lines of Fleet's log destination (https://fleetdm.com/guides/log-destinations): osquery's result and status logs
 * and the audit log, one JSON object a line or record. A line that cannot be read refuses the whole value: its
 * other lines would come twice when it is replayed.
 */
export function decodeFleetLog(input: DecoderInput): Decoded {
  if (input.bytes === null) return nothing('tombstone');
  const lines = Buffer.from(input.bytes).toString('utf8').split('\n');
  const events: ToolEvent[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const value = parseText(line);
    const event = isMembers(value) ? eventOf(value, line, input) : null;
    if (event === null)
      return refused('LINE_UNREADABLE', `line ${index + 1} is no line of osquery or Fleet's audit log`);
    events.push(event);
  }
  return events.length === 0 ? nothing('no lines') : { kind: 'events', events };
}

function eventOf(line: Members, text: string, { connection, receivedMs }: DecoderInput): ToolEvent | null {
  const id = hash('sha256', text.trim(), 'base64url');
  if (isActivity(line)) return activityOf({ ...line, id: textOf(line['id']) || id }, connection, receivedMs);
  const hostId = textOf(line['hostIdentifier']) || textOf(line['host_identifier']);
  const timeMs = timeOf(line['unixTime'] ?? line['unix_time']);
  if (hostId === '') return null;
  const common = {
    tool: 'FLEET_MDM' as const,
    server: connection,
    path: `hosts/${segment(hostId)}/osquery`,
    id,
    timeMs: Number.isNaN(timeMs) ? receivedMs : timeMs,
    scope: textOf(membersOf(line['decorations'])['team_id']) || null,
  };
  const device = filled({ agentId: hostId, name: textOf(membersOf(line['decorations'])['hostname']) });
  const query = textOf(line['name']);
  if (query !== '') {
    const action = textOf(line['action']);
    const known = action === 'added' || action === 'removed';
    const sourceType = known ? `osquery.result.${action}` : 'osquery.result';
    return { ...common, sourceType, data: { device, target: query, outcome: 'success', row: line } };
  }
  if (!('severity' in line) && !('message' in line)) return null;
  const failed = Number(line['severity']) >= 2;
  const message = textOf(line['message']);
  return {
    ...common,
    sourceType: 'osquery.status',
    data: { device, ...filled({ message }), outcome: failed ? 'failure' : 'success', row: line },
  };
}
