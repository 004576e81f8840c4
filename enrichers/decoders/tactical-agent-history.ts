import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, nothing, one, refused, type ToolOutcome } from './decoded.ts';
import { ranWell, tacticalEvent } from './tactical.ts';
import {
  filled,
  firstLine,
  isMembers,
  type Members,
  membersOf,
  numberOf,
  textOf,
  unpacked,
} from './values.ts';

/**
 * A row of Tactical's `agents_agenthistory`: a command, script or task on an agent. It is written when the run
 * starts and updated with the results: two events. `agent_id` is the agent's number in the database.
 */
export const decodeTacticalAgentHistory = rowDecoder((change: RowChange): Decoded => {
  const { row, before } = change;
  const id = textOf(row['id']);
  const type = textOf(row['type']);
  if (id === '' || type === '') return refused('ROW_INCOMPLETE', 'a history row needs id and type');
  const script = unpacked(row['script_results']);
  const finished = isFinished(row, script);
  if (
    change.op === 'u' &&
    finished &&
    before !== null &&
    isFinished(before, unpacked(before['script_results']))
  ) {
    return nothing('finished run updated');
  }
  const phase = finished ? 'finished' : 'started';
  const results = membersOf(script);
  const name =
    textOf(row['script_name']) || (textOf(row['script_id']) && `script ${textOf(row['script_id'])}`);
  return one(
    tacticalEvent(change, 'history', {
      id: `${id}:${phase}`,
      sourceType: `${type}.${phase}`,
      timeMs: phase === 'started' || change.op === 'r' ? rowTime(change, 'time') : finishTime(change),
      agentId: textOf(row['agent_id']),
      data: {
        ...actorOf(row),
        ...filled({
          target: type === 'cmd_run' ? firstLine(row['command'], 120) : name,
          outcome: finished ? outcomeOf(row, results) : undefined,
          message: firstLine(results['stderr']) ?? firstLine(results['stdout']) ?? firstLine(row['results']),
        }),
        row: { ...row, script_results: script },
      },
    }),
  );
});

function isFinished(row: Members, script: unknown): boolean {
  return isMembers(script) || textOf(row['results']) !== '';
}

/** The row keeps when the run began; when it ended is when the database took the results. */
function finishTime(change: RowChange): number {
  return Number.isNaN(change.committedMs) ? rowTime(change, 'time') : change.committedMs;
}

function actorOf(row: Members): { actor?: { id: string; name: string } } {
  const username = textOf(row['username']);
  return username === '' ? {} : { actor: { id: username, name: username } };
}

function outcomeOf(row: Members, results: Members): ToolOutcome {
  if (textOf(row['results']).startsWith('timeout') || results['retcode'] === 98) return 'timeout';
  return ranWell(numberOf(results['retcode']), results['stderr']) ?? 'success';
}
