import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, nothing, one, refused } from './decoded.ts';
import { filled, segment, textOf, truthOf } from './values.ts';

const sourceTypes = {
  pass: 'policy_membership_pass',
  fail: 'policy_membership_fail',
  none: 'policy_membership_unknown',
};

/**
 * A row of Fleet's `policy_membership`: whether a host passes a policy. The row is updated in place, and its key
 * says nothing of when: the event is named by its time and answer too, so that each flip is an event. An update
 * that leaves the answer as it was is no event. `passes` null means that the host has not answered, not that it failed.
 */
export const decodeFleetPolicyMembership = rowDecoder((change: RowChange): Decoded => {
  const { row, before } = change;
  const policyId = textOf(row['policy_id']);
  const agentId = textOf(row['host_id']);
  if (policyId === '' || agentId === '') {
    return refused('ROW_INCOMPLETE', 'a policy answer needs policy_id and host_id');
  }
  const passes = truthOf(row['passes']);
  if (change.op === 'u' && before !== null && 'passes' in before && truthOf(before['passes']) === passes) {
    return nothing('policy answer repeated');
  }
  const answer = passes === null ? 'none' : passes ? 'pass' : 'fail';
  const timeMs = rowTime(change, 'updated_at', 'created_at');
  return one({
    tool: 'FLEET_MDM',
    server: change.server,
    path: `hosts/${segment(agentId)}/policies`,
    id: `${policyId}:${agentId}:${timeMs}:${answer}`,
    sourceType: sourceTypes[answer],
    timeMs,
    scope: textOf(row['team_id']) || null,
    data: {
      device: { agentId },
      ...filled({ target: textOf(row['policy_name']) || `policy ${policyId}` }),
      outcome: answer === 'none' ? 'pending' : answer === 'pass' ? 'success' : 'failure',
      row,
    },
  });
});
