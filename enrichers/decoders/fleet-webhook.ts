import { hash } from 'node:crypto';

import { type Decoded, type DecoderInput, nothing, refused, type ToolEvent } from './decoded.ts';
import { activityOf, isActivity } from './fleet-activity.ts';
import { filled, isMembers, type Members, membersOf, numberOf, parseJson, textOf, timeOf } from './values.ts';

/**
 * The body that Fleet posts to a webhook (https://fleetdm.com/guides/automations): an activity, a policy with the
 * hosts that fail it, a vulnerability with the hosts that have it, or a share of hosts that went offline.
 */
export function decodeFleetWebhook(input: DecoderInput): Decoded {
  if (input.bytes === null) return nothing('empty body');
  const body = parseJson(input.bytes);
  if (!isMembers(body)) return refused('NOT_JSON', 'the body is no JSON object');
  if (isActivity(body)) return activity(body, input);
  const timeMs = timeOf(body['timestamp']);
  const context = { server: input.connection, timeMs: Number.isNaN(timeMs) ? input.receivedMs : timeMs };
  if (isMembers(body['policy'])) return failingPolicy(body, membersOf(body['policy']), context);
  if (isMembers(body['vulnerability'])) return vulnerability(body, membersOf(body['vulnerability']), context);
  if (isMembers(body['data']) && 'unseen_hosts' in body['data'])
    return hostStatus(body, body['data'], context);
  return refused('WEBHOOK_UNKNOWN', 'it is neither an activity, a policy, a vulnerability nor a host status');
}

interface Context {
  readonly server: string;
  readonly timeMs: number;
}

/** Activities have no number in webhooks: the content names them, so that a repeated delivery is the same event. */
function activity(body: Members, input: DecoderInput): Decoded {
  const id = textOf(body['id']) || textOf(body['uuid']) || digest(body);
  const event = activityOf({ ...body, id }, input.connection, input.receivedMs);
  return event === null
    ? refused('ROW_INCOMPLETE', 'an activity needs a type')
    : { kind: 'events', events: [event] };
}

function failingPolicy(body: Members, policy: Members, context: Context): Decoded {
  const id = textOf(policy['id']);
  if (id === '') return refused('ROW_INCOMPLETE', 'a policy needs id');
  const team = numberOf(policy['team_id']);
  return perHost(body, (host) => ({
    ...base(context, host, `policy:${id}`),
    sourceType: 'policy_membership_fail',
    scope: team === null || team <= 0 ? null : String(team),
    data: {
      device: deviceOf(host),
      ...filled({ target: textOf(policy['name']) || `policy ${id}` }),
      outcome: 'failure',
      row: { policy, host, timestamp: body['timestamp'] },
    },
  }));
}

function vulnerability(_body: Members, found: Members, context: Context): Decoded {
  const cve = textOf(found['cve']);
  if (cve === '') return refused('ROW_INCOMPLETE', 'a vulnerability needs cve');
  const { hosts_affected: _hosts, ...facts } = found;
  return perHost({ hosts: found['hosts_affected'] }, (host) => ({
    ...base(context, host, `cve:${cve}`),
    sourceType: 'recent_vulnerability',
    scope: null,
    data: { device: deviceOf(host), target: cve, outcome: 'failure', row: { vulnerability: facts, host } },
  }));
}

function hostStatus(body: Members, data: Members, context: Context): Decoded {
  const event: ToolEvent = {
    tool: 'FLEET_MDM',
    server: context.server,
    path: 'webhooks',
    id: digest(body),
    sourceType: 'host_status',
    timeMs: context.timeMs,
    scope: textOf(data['team_id']) || null,
    data: { outcome: 'failure', ...filled({ message: textOf(body['text']) }), row: body },
  };
  return { kind: 'events', events: [event] };
}

function perHost(body: Members, eventOf: (host: Members) => ToolEvent): Decoded {
  const hosts = Array.isArray(body['hosts']) ? body['hosts'].filter(isMembers) : [];
  return hosts.length === 0 ? nothing('no hosts') : { kind: 'events', events: hosts.map(eventOf) };
}

function base(context: Context, host: Members, what: string) {
  const agentId = textOf(host['id']);
  return {
    tool: 'FLEET_MDM' as const,
    server: context.server,
    path: 'webhooks',
    id: `${what}:${agentId}:${context.timeMs}`,
    timeMs: context.timeMs,
  };
}

function deviceOf(host: Members): { agentId?: string; name?: string } {
  return filled({
    agentId: textOf(host['id']),
    name: textOf(host['display_name']) || textOf(host['hostname']),
  });
}

function digest(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'base64url');
}
