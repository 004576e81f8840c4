import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, nothing, one, refused, type ToolOutcome } from './decoded.ts';
import { tacticalEvent } from './tactical.ts';
import { filled, firstLine, textOf, unpacked } from './values.ts';

const outcomes: Readonly<Record<string, ToolOutcome>> = {
  passing: 'success',
  failing: 'failure',
  pending: 'pending',
};

/**
 * A row of Tactical's `checks_checkresult`: how a check of an agent stands. Checks run every few minutes and mostly
 * say what they said before: only a change of the status is an event.
 */
export const decodeTacticalCheck = rowDecoder((change: RowChange): Decoded => {
  const { row, before } = change;
  const id = textOf(row['id']);
  const status = textOf(row['status']);
  if (id === '') return refused('ROW_INCOMPLETE', 'a check result needs id');
  if (!Object.hasOwn(outcomes, status)) {
    return refused('STATUS_UNKNOWN', `a check result has the status ${status.slice(0, 40)}`);
  }
  if (change.op === 'u' && before !== null && before['status'] === status)
    return nothing('check status repeated');
  const timeMs = rowTime(change, 'last_run');
  const name =
    textOf(row['check_name']) ||
    (textOf(row['assigned_check_id']) && `check ${textOf(row['assigned_check_id'])}`);
  return one(
    tacticalEvent(change, 'check-results', {
      id: `${id}:${timeMs}:${status}`,
      sourceType: `check_result.${status}`,
      timeMs,
      agentId: textOf(row['agent_id']),
      data: {
        ...filled({
          target: name,
          outcome: outcomes[status],
          message: firstLine(row['more_info']) ?? firstLine(row['stderr']) ?? firstLine(row['stdout']),
        }),
        row: { ...row, extra_details: unpacked(row['extra_details']) },
      },
    }),
  );
});
