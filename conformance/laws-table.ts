/** How one engine stands to one law of a port. */
export interface LawResult {
  readonly port: string;
  readonly engine: string;
  readonly law: string;
  readonly outcome: 'held' | 'failed' | 'deviates';
  /** Why the engine does not hold the law; null unless it deviates. */
  readonly reason: string | null;
}

/** A line an engine: `log on SQLite: 32 of 32 laws held`, and each deviation below it. */
export function lawsSummary(results: readonly LawResult[]): string {
  const lines: string[] = [];
  for (const [suite, ofSuite] of Map.groupBy(results, ({ port, engine }) => `${port} on ${engine}`)) {
    const held = ofSuite.filter(({ outcome }) => outcome === 'held').length;
    lines.push(`${suite}: ${held} of ${ofSuite.length} laws held`);
    for (const { law, outcome, reason } of ofSuite) {
      if (outcome !== 'held') lines.push(`  ${outcome}: ${law}${reason === null ? '' : `: ${reason}`}`);
    }
  }
  return lines.join('\n');
}

/** A Markdown table a port: a row a law, a column an engine, and the reason of each deviation as a note below. */
export function lawsTable(results: readonly LawResult[]): string {
  const sections = [...Map.groupBy(results, ({ port }) => port)].map(([port, ofPort]) =>
    portTable(port, ofPort),
  );
  return sections.join('\n');
}

function portTable(port: string, results: readonly LawResult[]): string {
  const engines = [...new Set(results.map(({ engine }) => engine))];
  const reasons = [...new Set(results.flatMap(({ reason }) => (reason === null ? [] : [reason])))];
  const rows = [...Map.groupBy(results, ({ law }) => law)].map(([law, ofLaw]) => [
    law,
    ...engines.map((engine) =>
      cellOf(
        ofLaw.find((result) => result.engine === engine),
        reasons,
      ),
    ),
  ]);
  const totals = engines.map((engine) => totalOf(results.filter((result) => result.engine === engine)));
  const table = [
    ['law', ...engines],
    ['---', ...engines.map(() => '---')],
    ...rows,
    ['**held**', ...totals],
  ].map((cells) => `| ${cells.map(escaped).join(' | ')} |`);
  const notes = reasons.map((reason, i) => `${i + 1}. ${reason}`);
  const heading = `## ${port.slice(0, 1).toUpperCase()}${port.slice(1)}`;
  return [heading, '', ...table, '', ...notes, ...(notes.length > 0 ? [''] : [])].join('\n');
}

function cellOf(result: LawResult | undefined, reasons: readonly string[]): string {
  if (result === undefined) return 'not run';
  if (result.reason !== null) return `not here (${reasons.indexOf(result.reason) + 1})`;
  return result.outcome;
}

function totalOf(results: readonly LawResult[]): string {
  return `${results.filter(({ outcome }) => outcome === 'held').length} of ${results.length}`;
}

const escaped = (cell: string): string => cell.replaceAll('|', '\\|');
