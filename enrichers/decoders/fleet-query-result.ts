import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, one, refused } from './decoded.ts';
import { filled, firstLine, segment, textOf, unpacked } from './values.ts';

/**
 * A row of Fleet's `query_results`: what one host answered to a query. The row is updated in place, so the event
 * is named by when the answer was fetched.
 */
export const decodeFleetQueryResult = rowDecoder((change: RowChange): Decoded => {
  const { row } = change;
  const id = textOf(row['id']);
  const agentId = textOf(row['host_id']);
  if (id === '' || agentId === '') return refused('ROW_INCOMPLETE', 'a query result needs id and host_id');
  const timeMs = rowTime(change, 'last_fetched');
  const error = firstLine(row['error']);
  const name = textOf(row['query_name']) || (textOf(row['query_id']) && `query ${textOf(row['query_id'])}`);
  return one({
    tool: 'FLEET_MDM',
    server: change.server,
    path: `hosts/${segment(agentId)}/query-results`,
    id: `${id}:${timeMs}`,
    sourceType: 'execute_scheduled_query',
    timeMs,
    scope: textOf(row['team_id']) || null,
    data: {
      device: { agentId },
      ...filled({ target: name, message: error }),
      outcome: error === undefined ? 'success' : 'failure',
      row: { ...row, data: unpacked(row['data']) },
    },
  });
});
