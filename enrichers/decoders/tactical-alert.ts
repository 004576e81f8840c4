import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, nothing, one, refused } from './decoded.ts';
import { tacticalEvent } from './tactical.ts';
import { filled, firstLine, textOf, truthOf } from './values.ts';

/**
 * A row of Tactical's `alerts_alert`: raised when inserted, resolved when `resolved` becomes true. Other updates
 * (mail sent, snoozed, an action that ran) are no events.
 */
export const decodeTacticalAlert = rowDecoder((change: RowChange): Decoded => {
  const { row, before } = change;
  const id = textOf(row['id']);
  if (id === '') return refused('ROW_INCOMPLETE', 'an alert needs id');
  const resolved = truthOf(row['resolved']) === true;
  if (change.op === 'u' && !(resolved && (before === null || truthOf(before['resolved']) !== true))) {
    return nothing('alert updated');
  }
  const phase = resolved ? 'resolved' : 'triggered';
  return one(
    tacticalEvent(change, 'alerts', {
      id: `${id}:${phase}`,
      sourceType: `alert.${phase}`,
      timeMs: resolved ? rowTime(change, 'resolved_on') : rowTime(change, 'alert_time'),
      agentId: textOf(row['agent_id']),
      data: {
        ...filled({ target: textOf(row['alert_type']) && `${textOf(row['alert_type'])} alert` }),
        outcome: resolved ? 'success' : 'failure',
        ...filled({ message: firstLine(row['message']) }),
        row,
      },
    }),
  );
});
