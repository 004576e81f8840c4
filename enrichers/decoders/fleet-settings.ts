import { hash } from 'node:crypto';

import type { ToolEvent } from './decoded.ts';
import { isMembers, type Members, textOf } from './values.ts';

type Settings = Pick<ToolEvent, 'sets' | 'unsets'>;

/** Activities whose details are what was set, whole, for a team. */
const edits = new Set([
  'edited_macos_min_version',
  'edited_ios_min_version',
  'edited_ipados_min_version',
  'edited_windows_updates',
]);

/** Specs that an activity names with all that they say. */
const specs: Readonly<Record<string, { readonly member: string; readonly kind: string }>> = {
  applied_spec_policy: { member: 'policies', kind: 'policy' },
  applied_spec_saved_query: { member: 'specs', kind: 'query' },
};

/** Activities that change a policy or a query without saying what of it: its name stands in this member. */
const unsetting: Readonly<Record<string, { readonly member: string; readonly kind: string }>> = {
  created_policy: { member: 'policy_name', kind: 'policy' },
  edited_policy: { member: 'policy_name', kind: 'policy' },
  deleted_policy: { member: 'policy_name', kind: 'policy' },
  created_saved_query: { member: 'query_name', kind: 'query' },
  edited_saved_query: { member: 'query_name', kind: 'query' },
  deleted_saved_query: { member: 'query_name', kind: 'query' },
  deleted_multiple_saved_query: { member: '', kind: 'query' },
};

/**
 * What an activity of Fleet sets, where its details say it whole. GitOps writes such activities in every run, changed or
 * not. Most others (`edited_macos_profile`, `edited_agent_options`, `applied_spec_team`) name what was edited and not
 * what it is now: of them nothing can be told.
 */
export function settingsOf(activity: string, facts: Members): Settings {
  if ('host_id' in facts) return {};
  const { team_id, fleet_id, team_name: _team, fleet_name: _fleet, ...details } = facts;
  const team = textOf(team_id ?? fleet_id);
  if (activity.endsWith('_activity_automations')) {
    return sets({ 'activity automations': activity.startsWith('disabled_') ? 'off' : details });
  }
  const toggle = /^(enabled|disabled)_(.+)$/.exec(activity);
  if (toggle !== null) return sets({ [`${toggle[2]}/${JSON.stringify([team, details])}`]: toggle[1] });
  if (edits.has(activity)) return sets({ [`${activity}/${team}`]: details });
  if (activity === 'created_team' || activity === 'deleted_team') return { unsets: [''] };
  const spec = Object.hasOwn(specs, activity) ? specs[activity] : undefined;
  if (spec !== undefined) return specsOf(facts[spec.member], spec.kind);
  const unset = Object.hasOwn(unsetting, activity) ? unsetting[activity] : undefined;
  if (unset === undefined) return {};
  const name = textOf(facts[unset.member]);
  return { unsets: [name === '' ? `${unset.kind}/` : `${unset.kind}/${JSON.stringify(name)}/`] };
}

function specsOf(list: unknown, kind: string): Settings {
  const all = Array.isArray(list) ? (list as readonly unknown[]).filter(isMembers) : [];
  const named = all.map((one) => {
    const team = textOf(one['team']) || textOf(one['fleet']);
    return [`${kind}/${JSON.stringify(textOf(one['name']))}/${team}`, one] as const;
  });
  return sets(Object.fromEntries(named));
}

/** At most so many at once are followed: more would make each event large. */
const mostSettings = 500;

function sets(values: Readonly<Record<string, unknown>>): Settings {
  const entries = Object.entries(values);
  if (entries.length === 0 || entries.length > mostSettings) return {};
  return { sets: Object.fromEntries(entries.map(([name, value]) => [shortened(name), digestOf(value)])) };
}

/** A name is text of the tool: a long one stands as its digest. */
function shortened(name: string): string {
  return name.length <= 300 ? name.toWellFormed() : `${name.slice(0, 200).toWellFormed()}${digestOf(name)}`;
}

function digestOf(value: unknown): string {
  return hash('sha256', JSON.stringify(value) ?? '', 'base64url').slice(0, 22);
}
