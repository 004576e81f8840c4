import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, nothing, one, refused, type ToolEvent, type ToolOutcome } from './decoded.ts';
import { settingsOf } from './fleet-settings.ts';
import { filled, isMembers, type Members, membersOf, numberOf, textOf, timeOf, unpacked } from './values.ts';

/**
 * A row of Fleet's `activities` (https://github.com/fleetdm/fleet, docs/Contributing/reference/audit-logs.md): who
 * did what. Its host stands in a row of `host_activities`, so an activity that is about a host waits for that.
 * The row changes later only in `streamed`, which is no event.
 */
export const decodeFleetActivity = rowDecoder((change: RowChange): Decoded => {
  if (change.op === 'u') return nothing('activity marked as streamed');
  const timeMs = rowTime(change, 'created_at');
  const event = activityEvent(change.row, change.server, timeMs);
  return event === null ? refused('ROW_INCOMPLETE', 'an activity needs id') : one(event);
});

/** The same activity as REST, webhooks and the log destination give it: its type under another name. */
export function activityOf(activity: Members, server: string, receivedMs: number): ToolEvent | null {
  const { type, details, actor_id, actor_full_name, actor_email, ...rest } = activity;
  const row = {
    ...rest,
    activity_type: type,
    details,
    user_id: actor_id,
    user_name: actor_full_name,
    user_email: actor_email,
  };
  const named = timeOf(activity['created_at'] ?? activity['timestamp']);
  return activityEvent(row, server, Number.isNaN(named) ? receivedMs : named);
}

function activityEvent(row: Members, server: string, timeMs: number): ToolEvent | null {
  const id = textOf(row['id']) || textOf(row['uuid']);
  if (id === '') return null;
  const details = unpacked(row['details']);
  const facts = membersOf(details);
  const sourceType = textOf(row['activity_type']);
  const device = deviceOf(facts);
  const settings = settingsOf(sourceType, facts);
  // What is about settings has no row that names a host: a server's are kept in one partition, in their order.
  const waits = device?.agentId === undefined && Object.keys(settings).length === 0;
  return {
    tool: 'FLEET_MDM',
    server,
    path: 'activities',
    id,
    sourceType,
    timeMs,
    scope: scopeOf(row, facts),
    ...(waits ? { joinKey: `activity/${id}`, awaitsDevice: device !== null } : {}),
    ...settings,
    data: {
      ...filled({
        actor: actorOf(row, facts),
        target: targetOf(facts),
        outcome: outcomeOf(sourceType, facts),
      }),
      ...(device === null ? {} : { device }),
      ...filled({ message: messageOf(facts) }),
      row: { ...row, details },
    },
  };
}

function actorOf(row: Members, facts: Members): { id?: string; name?: string } | undefined {
  const id = textOf(row['user_id']);
  const name = textOf(row['user_name']) || textOf(row['user_email']) || textOf(facts['email']);
  return id === '' && name === '' ? undefined : filled({ id, name });
}

/** Fleet writes -1 for all teams and 0 or null for hosts without a team: neither is a scope of its own. */
function scopeOf(row: Members, facts: Members): string | null {
  for (const team of [row['team_id'], facts['team_id'], facts['fleet_id']]) {
    const id = numberOf(team);
    if (id !== null && id > 0) return String(id);
  }
  return null;
}

function deviceOf(facts: Members): { agentId?: string; name?: string } | null {
  const ids: readonly unknown[] = Array.isArray(facts['host_ids']) ? facts['host_ids'] : [];
  const agentId = textOf(facts['host_id']) || (ids.length === 1 ? textOf(ids[0]) : '');
  const name = textOf(facts['host_display_name']) || textOf(facts['host_serial']);
  return agentId === '' && name === '' ? null : filled({ agentId, name });
}

const targetMembers = [
  'script_name',
  'software_title',
  'policy_name',
  'query_name',
  'pack_name',
  'profile_name',
  'package_name',
  'bootstrap_package_name',
  'certificate_name',
  'custom_variable_name',
  'label_name',
  'exception',
  'dataset',
  'location',
  'name',
  'team_name',
  'fleet_name',
  'webhook_url',
] as const;

function targetOf(facts: Members): string {
  const user = textOf(facts['user_email']) || textOf(facts['user_name']);
  if (user !== '' && !('policy_name' in facts)) return user;
  for (const member of targetMembers) {
    const name = textOf(facts[member]);
    if (name !== '') return name;
  }
  return '';
}

const statuses: Readonly<Record<string, ToolOutcome>> = {
  installed: 'success',
  uninstalled: 'success',
  failed: 'failure',
  failed_install: 'failure',
  failed_uninstall: 'failure',
  pending: 'pending',
  pending_install: 'pending',
  pending_uninstall: 'pending',
};

function outcomeOf(sourceType: string, facts: Members): ToolOutcome | undefined {
  if (sourceType.startsWith('canceled_')) return 'canceled';
  if (sourceType.startsWith('failed_')) return 'failure';
  const status = textOf(facts['status']);
  return Object.hasOwn(statuses, status) ? statuses[status] : undefined;
}

function messageOf(facts: Members): string {
  return textOf(facts['failure_reason']) || textOf(facts['detail']);
}

/** Whether a value looks like one of Fleet's activities. */
export function isActivity(value: unknown): value is Members {
  return isMembers(value) && textOf(value['type']) !== '' && ('details' in value || 'actor_id' in value);
}
