import { rowDecoder, rowTime, type RowChange } from './debezium.ts';
import { type Decoded, nothing, one, refused } from './decoded.ts';
import { tacticalEvent } from './tactical.ts';
import { filled, firstLine, membersOf, textOf, unpacked } from './values.ts';

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
        ...(row['action'] === 'failed_login' ? { outcome: 'failure' as const } : {}),
        row: { ...row, before_value: before, after_value: after, debug_info: unpacked(row['debug_info']) },
      },
    }),
  );
});
