import { type Decoded, type Decoder, type DecoderInput, nothing, refused } from './decoded.ts';
import { isMembers, type Members, membersOf, parseJson, parseText, textOf, timeOf } from './values.ts';

/** A row that was read, inserted or changed. */
export interface RowChange {
  readonly op: 'c' | 'u' | 'r';
  readonly row: Members;
  /** The row before an update, where the database writes it. */
  readonly before: Members | null;
  /** The connector's logical name of the server. */
  readonly server: string;
  /** Table or collection, without schema. */
  readonly table: string;
  /** When the database committed it; NaN where the envelope does not say. */
  readonly committedMs: number;
}

type Change = { readonly kind: 'change'; readonly change: RowChange };

/**
 * Reads Debezium's envelope (https://debezium.io/documentation/reference/stable/connectors/, "change event
 * values"): with its schema beside it or without, of a relational connector or MongoDB's, whose rows are JSON in
 * a string. Tombstones, deletes, transaction markers, heartbeats and schema changes hold no event.
 */
export function readChange({ bytes, connection }: DecoderInput): Change | Decoded {
  if (bytes === null) return nothing('tombstone');
  const value = parseJson(bytes);
  if (value === undefined) return refused('NOT_JSON');
  if (value === null) return nothing('tombstone');
  if (!isMembers(value)) return refused('NOT_AN_ENVELOPE', 'the value is not an object');
  const envelope = isMembers(value['payload']) ? value['payload'] : value;
  if (value['payload'] === null && 'schema' in value) return nothing('tombstone');
  const { op } = envelope;
  if (op === undefined) return withoutOperation(envelope);
  const source = membersOf(envelope['source']);
  const server = connection === '' ? textOf(source['name']) : connection;
  if (op === 'd') return nothing('deleted row');
  if (op === 't') return nothing('truncated table');
  if (op === 'm') return nothing('logical message');
  if (op !== 'c' && op !== 'u' && op !== 'r') {
    return refused('OPERATION_UNKNOWN', `op is ${JSON.stringify(op).slice(0, 40)}`);
  }
  const row = rowOf(envelope['after']);
  if (row === null) {
    return refused('ROW_MISSING', 'after is no row; for MongoDB set capture.mode=change_streams_update_full');
  }
  const committedMs = timeOf(source['ts_ms'] ?? envelope['ts_ms']);
  const table = textOf(source['table']) || textOf(source['collection']);
  return {
    kind: 'change',
    change: { op, row, before: rowOf(envelope['before']), server, table, committedMs },
  };
}

/** The connector's logical name of the server, where an envelope says it, also in one that holds no row; else empty. */
export function serverOf(bytes: Uint8Array | null): string {
  const value = membersOf(bytes === null ? null : parseJson(bytes));
  const envelope = isMembers(value['payload']) ? value['payload'] : value;
  return textOf(membersOf(envelope['source'])['name']);
}

function withoutOperation(envelope: Members): Decoded {
  const { status } = envelope;
  if ((status === 'BEGIN' || status === 'END') && 'id' in envelope) return nothing('transaction marker');
  if ('ddl' in envelope || 'tableChanges' in envelope) return nothing('schema change');
  const names = Object.keys(envelope);
  if (names.length > 0 && names.every((name) => /^ts_(?:ms|us|ns)$/.test(name))) return nothing('heartbeat');
  return refused('NOT_AN_ENVELOPE', 'it has no op: send the whole envelope of Debezium, not the row alone');
}

function rowOf(value: unknown): Members | null {
  const row = typeof value === 'string' ? parseText(value) : value;
  return isMembers(row) ? row : null;
}

/** A decoder of one table's rows: from the envelope, or from a row that was read already. */
export interface RowDecoder extends Decoder {
  readonly row: (change: RowChange) => Decoded;
}

/** Decodes changes of rows: what is no change of a row is answered here, once for all tables. */
export function rowDecoder(row: (change: RowChange) => Decoded): RowDecoder {
  const decode = (input: DecoderInput): Decoded => {
    const read = readChange(input);
    return read.kind === 'change' ? row(read.change) : read;
  };
  return Object.assign(decode, { row });
}

/** The row's own time; else when the database committed it. NaN where neither says. */
export function rowTime(change: RowChange, ...columns: readonly string[]): number {
  for (const column of columns) {
    const timeMs = timeOf(change.row[column]);
    if (!Number.isNaN(timeMs)) return timeMs;
  }
  return change.committedMs;
}
