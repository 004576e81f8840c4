import { readConnectorValue } from './connector-value.ts';
import { type Decoded, type DecoderInput, one, refused } from './decoded.ts';
import { activityOf } from './fleet-activity.ts';

/**
 * An activity as the connector read it by Fleet's REST API. Which host it is about comes in no row of its own here,
 * so it waits for none.
 */
export function decodeFleetRest(input: DecoderInput): Decoded {
  const read = readConnectorValue(input);
  if ('kind' in read) return read;
  const event = activityOf(read.row, input.connection, input.receivedMs);
  if (event === null) return refused('ROW_INCOMPLETE', 'an activity needs id');
  const { joinKey: _key, awaitsDevice: _awaits, ...withoutJoin } = event;
  return one(withoutJoin);
}
