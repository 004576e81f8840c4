import { isDeepStrictEqual } from 'node:util';

import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, nothing, one, refused, type ToolOutcome } from './decoded.ts';
import { tacticalEvent } from './tactical.ts';
import { filled, firstLine, isMembers, type Members, membersOf, textOf, unpacked } from './values.ts';

/** A row of Tactical's `logs_auditlog`: who did what, in the words `object_type` and `action`. */
export const decodeTacticalAudit = rowDecoder((change: RowChange): Decoded => {
  if (change.op === 'u') return nothing('audit row updated');
  const { row } = change;
  const id = textOf(row['id']);
  if (id === '') return refused('ROW_INCOMPLETE', 'an audit row needs id');
  const sourceType = [textOf(row['object_type']), textOf(row['action'])].filter((p) => p !== '').join('.');
  const username = textOf(row['username']);
  const after = unpacked(row['after_value']);
  const before = unpacked(row['before_value']);
  const named = membersOf(after);
  const target = textOf(named['name']) || textOf(named['username']) || textOf(membersOf(before)['name']);
  return one(
    tacticalEvent(change, 'audit', {
      id,
      sourceType,
      timeMs: rowTime(change, 'entry_time'),
      // The reference reads `agentid`, Tactical's model calls it `agent_id`.
      agentId: textOf(row['agent_id']) || textOf(row['agentid']),
      agentName: textOf(row['agent']),
      data: {
        ...(username === '' ? {} : { actor: { id: username, name: username } }),
        ...filled({ target, message: firstLine(row['message']) }),
        ...filled({ outcome: outcomeOf(row['action'], before, after) }),
        row: { ...row, before_value: before, after_value: after, debug_info: unpacked(row['debug_info']) },
      },
    }),
  );
});

/** An edit whose row is after it what it was before changed nothing: only who saved it last, and when. */
function outcomeOf(action: unknown, before: unknown, after: unknown): ToolOutcome | undefined {
  if (action === 'failed_login') return 'failure';
  if (action !== 'modify' || !isMembers(before) || !isMembers(after)) return undefined;
  return isDeepStrictEqual(unsaved(before), unsaved(after)) ? 'unchanged' : undefined;
}

function unsaved({ modified_by: _by, modified_time: _at, ...row }: Members): Members {
  return row;
}
