import { rowDecoder, type RowChange } from './debezium.ts';
import { type Decoded, nothing, refused } from './decoded.ts';
import { textOf } from './values.ts';

/** A row of Fleet's `host_activities`: which host an activity is about. */
export const decodeFleetHostActivity = rowDecoder((change: RowChange): Decoded => {
  if (change.op === 'u') return nothing('unchanged link');
  const agentId = textOf(change.row['host_id']);
  const activityId = textOf(change.row['activity_id']);
  if (agentId === '' || activityId === '') {
    return refused('ROW_INCOMPLETE', 'a link needs host_id and activity_id');
  }
  const joinKey = `activity/${activityId}`;
  return { kind: 'link', link: { tool: 'FLEET_MDM', server: change.server, joinKey, agentId } };
});
