import type { RecordInput } from './record-batch.ts';
import type { StreamRecord } from './record.ts';
import type { Changelog } from './stage.ts';

/** The format of state whose changelog says nothing of it. */
export const firstFormat = 1;

const header = 'stateformat';

/** In which format a record of a changelog was written; see `Changelog.format`. */
export function stateFormatOf({ headers }: Pick<StreamRecord, 'headers'>): number {
  const format = headers[header];
  return format === undefined ? firstFormat : Number(format);
}

/** A change as it goes to the changelog: it says its format where that is not the first. */
export function withFormat(change: RecordInput, { format = firstFormat }: Changelog): RecordInput {
  return format === firstFormat
    ? change
    : { ...change, headers: { ...change.headers, [header]: String(format) } };
}
