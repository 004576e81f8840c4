import { readChange } from './debezium.ts';
import { type Decoded, type DecoderInput, nothing, one, refused, type ToolOutcome } from './decoded.ts';
import {
  filled,
  firstLine,
  isMembers,
  type Members,
  membersOf,
  numberOf,
  segment,
  textOf,
  timeOf,
} from './values.ts';

/**
 * A document of MeshCentral's collection `events`, as Debezium's MongoDB connector sends it (JSON in a string, in
 * MongoDB's extended JSON).
 */
export function decodeMeshCentralEvent(input: DecoderInput): Decoded {
  const read = readChange(input);
  if (read.kind !== 'change') return read;
  const { row, op, server, committedMs } = read.change;
  if (op === 'u') return nothing('event updated in place');
  return meshEvent(row, server, committedMs);
}

/** The same event as MeshCentral's database or its control socket holds it. `fallbackMs` stands in for its time. */
export function meshEvent(event: Members, server: string, fallbackMs: number): Decoded {
  const { action, etype } = event;
  const sourceType = [textOf(etype), textOf(action)].filter((part) => part !== '').join('.');
  if (action === 'servertimelinestats') return nothing('server timeline statistics');
  const id = idOf(event['_id']);
  if (id === '') return refused('ROW_INCOMPLETE', 'an event of MeshCentral needs _id');
  const timeMs = meshTime(event['time'], fallbackMs);
  const nodeId = textOf(event['nodeid']);
  const node = membersOf(event['node']);
  return one({
    tool: 'MESHCENTRAL',
    server,
    path: nodeId === '' ? 'events' : `nodes/${segment(nodeId)}/events`,
    id,
    sourceType,
    timeMs,
    scope: textOf(event['domain']) || null,
    data: {
      ...filled({ actor: actorOf(event), target: targetOf(event), outcome: outcomeOf(event) }),
      ...(nodeId === '' ? {} : { device: filled({ agentId: nodeId, name: textOf(node['name']) }) }),
      ...filled({ message: textOf(event['msg']) }),
      row: event,
    },
  });
}

/** An ObjectId as extended JSON, or the text that an embedded database names the document by. */
function idOf(value: unknown): string {
  return isMembers(value) ? textOf(value['$oid']) : textOf(value);
}

/** `{"$date": ms}`, `{"$date": {"$numberLong": "ms"}}`, `{"$date": "ISO"}`, or one of these alone. */
function meshTime(value: unknown, fallbackMs: number): number {
  const date = isMembers(value) ? (value['$date'] ?? value['$$date']) : value;
  const timeMs = timeOf(isMembers(date) ? date['$numberLong'] : date);
  return Number.isNaN(timeMs) ? fallbackMs : timeMs;
}

function actorOf(event: Members): { id?: string; name?: string } | undefined {
  const account = membersOf(event['account']);
  const id = textOf(event['userid']) || textOf(account['_id']);
  const name = textOf(event['username']) || textOf(account['name']);
  return id === '' && name === '' ? undefined : filled({ id, name });
}

function targetOf(event: Members): string {
  const account = membersOf(event['account']);
  const { cmds, name, meshname, element, meshid, ugrpid } = event;
  const command = firstLine(cmds, 120);
  const group = membersOf(event['mesh'])['name'];
  const names = [command, name, meshname, account['name'], group, element, meshid, ugrpid];
  return names.map(textOf).find((text) => text !== '') ?? '';
}

/** Messages that tell of something that failed or was refused (`msgid`, MeshCentral's views/default.handlebars). */
const failures = new Set([28, 32, 34, 38, 41, 108, 109, 110, 155]);

function outcomeOf(event: Members): ToolOutcome | undefined {
  const messageId = numberOf(event['msgid']);
  return messageId !== null && failures.has(messageId) ? 'failure' : undefined;
}
