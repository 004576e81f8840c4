import type { FaultReport } from './scenario.ts';

export interface ScenarioResult extends FaultReport {
  readonly scenario: string;
}

/** The results as a table for people. */
export function resultTable(results: readonly ScenarioResult[]): string {
  const head = ['scenario', 'events', 'faults', 'lost', 'duplicated', 'altered', 'reordered', 'catch-up'];
  const rows = results.map((one) => [
    one.scenario,
    ...[one.events, one.faults, one.lost, one.duplicated, one.altered, one.reordered].map(String),
    `${(one.catchUpMs / 1000).toFixed(1)} s`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ');
  return [head, ...rows].map(line).join('\n');
}
