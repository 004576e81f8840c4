import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, nothing, one, refused, type ToolOutcome } from './decoded.ts';
import { tacticalEvent } from './tactical.ts';
import { filled, firstLine, textOf } from './values.ts';

const phases: Readonly<Record<string, { readonly sourceType: string; readonly outcome: ToolOutcome }>> = {
  passing: { sourceType: 'task_result.completed', outcome: 'success' },
  failing: { sourceType: 'task_result.failing', outcome: 'failure' },
  pending: { sourceType: 'task_result.pending', outcome: 'pending' },
};

/**
 * A row of Tactical's `autotasks_taskresult`: how a task went on an agent the last time. Updated in place, so the
 * event is named by when the task ran and how.
 */
export const decodeTacticalTaskResult = rowDecoder((change: RowChange): Decoded => {
  const { row, before } = change;
  const id = textOf(row['id']);
  const status = textOf(row['status']);
  if (id === '') return refused('ROW_INCOMPLETE', 'a task result needs id');
  const phase = Object.hasOwn(phases, status) ? phases[status] : undefined;
  if (phase === undefined)
    return refused('STATUS_UNKNOWN', `a task result has the status ${status.slice(0, 40)}`);
  if (
    change.op === 'u' &&
    before !== null &&
    before['last_run'] === row['last_run'] &&
    before['status'] === status
  ) {
    return nothing('task result repeated');
  }
  const timeMs = rowTime(change, 'last_run');
  const name = textOf(row['task_name']) || (textOf(row['task_id']) && `task ${textOf(row['task_id'])}`);
  return one(
    tacticalEvent(change, 'task-results', {
      id: `${id}:${timeMs}:${status}`,
      sourceType: phase.sourceType,
      timeMs,
      agentId: textOf(row['agent_id']),
      data: {
        ...filled({
          target: name,
          outcome: phase.outcome,
          message: firstLine(row['stderr']) ?? firstLine(row['stdout']),
        }),
        row,
      },
    }),
  );
});
