import { type Decoded, type DecoderInput, nothing, refused } from './decoded.ts';
import { isMembers, type Members, numberOf, parseJson } from './values.ts';

/** What our own connectors write: a row of the tool, and beside it what the row does not say. */
export interface ConnectorValue {
  readonly value: Members;
  readonly row: Members;
}

/** Reads it; what was too large for a record comes without its row. */
export function readConnectorValue({ bytes }: DecoderInput): ConnectorValue | Decoded {
  if (bytes === null) return nothing('tombstone');
  const value = parseJson(bytes);
  if (!isMembers(value)) return refused('NOT_JSON');
  const tooLarge = numberOf(value['tooLargeBytes']);
  if (tooLarge !== null) return refused('EVENT_TOO_LARGE', `it has ${tooLarge} bytes`);
  const row = value['row'];
  return isMembers(row) ? { value, row } : refused('ROW_MISSING', 'the value has no row');
}
