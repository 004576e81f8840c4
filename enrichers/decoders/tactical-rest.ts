import { readConnectorValue } from './connector-value.ts';
import type { RowDecoder } from './debezium.ts';
import { type Decoded, type Decoder, type DecoderInput, refused } from './decoded.ts';
import { textOf } from './values.ts';

/** Rows as the connector read them by Tactical's REST API: the same tables, under the names that those have there. */
export function tacticalRestDecoder(tables: Readonly<Record<string, RowDecoder>>): Decoder {
  return (input: DecoderInput): Decoded => {
    const read = readConnectorValue(input);
    if ('kind' in read) return read;
    const table = textOf(read.value['table']);
    const decode = Object.hasOwn(tables, table) ? tables[table] : undefined;
    const change = { op: 'c', row: read.row, before: null, server: input.connection, table } as const;
    return (
      decode?.row({ ...change, committedMs: Number.NaN }) ??
      refused('TABLE_UNKNOWN', `rows of the table '${table.slice(0, 60)}' are not read`)
    );
  };
}
