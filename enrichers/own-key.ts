import type { ByteRange, Field, RecordView } from '../streams/record.ts';

const colon = 0x3a;

/**
 * Whether a raw record's key is `rawKey` of its own tenant and source. Equal events meet in one partition by the key:
 * one under another's key would be another tenant's for whoever goes by it, and pass dedupe where its equals do not.
 */
export function hasOwnKey(record: RecordView, tenant: Field, source: Field): boolean {
  const key = record.keyRange();
  if (key === null) return false;
  const { bytes, start, end } = key;
  const colonAt = endOfMatch(bytes, start, end, record.range(tenant));
  if (colonAt < 0 || colonAt >= end || bytes[colonAt] !== colon) return false;
  return endOfMatch(bytes, colonAt + 1, end, record.range(source)) === end;
}

/** Where the range's bytes end, which stand at `at`; -1 where they do not stand there. */
function endOfMatch(bytes: Uint8Array, at: number, end: number, range: ByteRange): number {
  const length = range.end - range.start;
  if (at + length > end) return -1;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== range.bytes[range.start + i]) return -1;
  return at + length;
}
