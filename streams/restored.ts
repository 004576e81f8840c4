import type { RunStatus } from './running.ts';

/** What reading state back from its changelogs came to: of one partition, or of several added up. */
export interface Restored {
  /** How often a partition's state was read back; a partition that was lost and given again counts again. */
  readonly partitions: number;
  /** Records of the changelogs. */
  readonly records: number;
  /** Bytes of their batches, as they are stored. */
  readonly sizeBytes: number;
  /** What the state then held, such as the events that dedupe remembers; records where a stage does not say. */
  readonly entries: number;
  /** Time that each partition took, added up, milliseconds: partitions are read side by side. */
  readonly elapsedMs: number;
}

export const nothingRestored: Restored = {
  partitions: 0,
  records: 0,
  sizeBytes: 0,
  entries: 0,
  elapsedMs: 0,
};

export function addRestored(a: Restored, b: Restored): Restored {
  return {
    partitions: a.partitions + b.partitions,
    records: a.records + b.records,
    sizeBytes: a.sizeBytes + b.sizeBytes,
    entries: a.entries + b.entries,
    elapsedMs: a.elapsedMs + b.elapsedMs,
  };
}

/** As a status and a log say it: with the milliseconds for a million entries, 0 where there were none. */
export function restoredStatus(restored: Restored): NonNullable<RunStatus['restored']> {
  const { entries, elapsedMs } = restored;
  return { ...restored, msByMillion: entries === 0 ? 0 : (elapsedMs * 1_000_000) / entries };
}
