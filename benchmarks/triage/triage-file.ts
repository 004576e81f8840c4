import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';

import { stringify } from 'csv-stringify';

import { measureTriage, type TriageMetrics } from './metrics.ts';
import { quantile } from './ranking.ts';
import { type AlertRow, outputName, readAlerts } from './read-alerts.ts';
import { type Triaged, triageAlerts } from './triage-alerts.ts';

/** The metrics of one file's ranking, by when the scores are taken. */
export interface FileMetrics {
  /** In the end, as written. */
  readonly final: TriageMetrics;
  /** Each group as it was scored 60 s after its first report, and at its first report. */
  readonly atOpen: TriageMetrics;
  readonly atFirst: TriageMetrics;
}

export interface TriageResult {
  readonly file: string;
  readonly out: string;
  readonly alerts: number;
  readonly groups: number;
  /** From a group's first report until its score stayed within a point of its last: milliseconds. */
  readonly delayMs: Readonly<Record<'p50' | 'p90' | 'p99' | 'max', number>>;
  /** By which labels count; null where the file has none, or they were not asked for. */
  readonly metrics: { readonly event: FileMetrics | null; readonly time: FileMetrics | null } | null;
}

export interface TriageFileOptions {
  /** The folder for the results; it is there already. */
  readonly out: string;
  /** Whether to hold the ranking against the file's labels. */
  readonly labels: boolean;
}

/**
 * Groups and scores one file's alerts and writes `row,group,score` to a file of the same name in `out`, rows in the
 * order of the file, groups counted from 0 in the order they opened. Throws as `readAlerts` does.
 */
export async function triageFile(file: string, { out, labels }: TriageFileOptions): Promise<TriageResult> {
  const rows = await readAlerts(file);
  const triaged = triageAlerts(rows.map((row) => row.sighting));
  const path = join(out, outputName(file));
  await pipeline(
    outputRows(rows, triaged),
    stringify({ header: true, columns: ['row', 'group', 'score'] }),
    createWriteStream(path),
  );
  const delays = triaged.groups.map((group) => group.delayMs);
  const at = (share: number): number => (delays.length === 0 ? 0 : quantile(delays, share));
  return {
    file,
    out: path,
    alerts: rows.length,
    groups: triaged.groups.length,
    delayMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
    metrics: labels ? { event: measure(rows, triaged, 'event'), time: measure(rows, triaged, 'time') } : null,
  };
}

function outputRows(
  rows: readonly AlertRow[],
  { groupOf, groups }: Triaged,
): (readonly [number, number, number])[] {
  const out = new Array<readonly [number, number, number]>(rows.length);
  for (const [i, { row }] of rows.entries()) {
    const group = groupOf[i] ?? -1;
    out[row] = [row, group, groups[group]?.score ?? 0];
  }
  return out;
}

function measure(rows: readonly AlertRow[], triaged: Triaged, truth: 'event' | 'time'): FileMetrics | null {
  const by = (pick: (group: Triaged['groups'][number]) => number): TriageMetrics | null =>
    measureTriage({ rows, ...triaged, scores: Float64Array.from(triaged.groups, pick) }, truth);
  const final = by((group) => group.score);
  const atOpen = by((group) => group.openScore);
  const atFirst = by((group) => group.firstScore);
  return final === null || atOpen === null || atFirst === null ? null : { final, atOpen, atFirst };
}
