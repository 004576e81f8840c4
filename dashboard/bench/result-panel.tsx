import { useId, useState } from 'react';

import type { BenchReport } from '../../benchmarks/report.ts';
import { CopyableCommand } from '../blanks/copyable-command.tsx';
import './bench.css';
import { figure, FiguresTable } from './figures-table.tsx';
import { type BenchResult, metricRows } from './read-result.ts';
import { RoundView } from './round-view.tsx';

/** One result: the verdict first, the command to repeat it last. */
export function ResultPanel({ result }: { readonly result: BenchResult }): React.ReactNode {
  const { name, report, details } = result;
  const title = useId();
  const [round, setRound] = useState(0);
  const shown = details[Math.min(round, details.length - 1)];
  return (
    <section className="panel" aria-labelledby={title}>
      <header className="panel-head">
        <h2 id={title}>{name}</h2>
        <span className={`bench-verdict bench-verdict-${report.verdict.toLowerCase()}`}>
          {report.verdict}
        </span>
        <span className="quiet">
          {report.kind}, {report.rounds.length} {report.rounds.length === 1 ? 'round' : 'rounds'}
        </span>
      </header>
      <div className="bench-body">
        {report.reasons.slice(0, 50).map((reason, at) => (
          <p key={at} className="bad-text">
            {reason}
          </p>
        ))}
        <MachineFacts report={report} />
        <Metrics report={report} />
        {details.length > 1 && details.some((each) => each !== undefined) ? (
          <label className="bench-round">
            Round
            <select value={round} onChange={(event) => setRound(Number(event.target.value))}>
              {details.map((_, at) => (
                <option key={at} value={at}>
                  {at + 1}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        {shown === undefined ? null : <RoundView round={shown} />}
        <CopyableCommand command={report.command} />
      </div>
    </section>
  );
}

function MachineFacts({ report }: { readonly report: BenchReport }): React.ReactNode {
  const { machine } = report;
  const facts = [
    ['Machine', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB`],
    ['Software', `Node ${machine.node}, kernel ${machine.kernel}, commit ${machine.commit}`],
    ['Measured', machine.date],
    ['Configuration', report.configurationHash],
  ] as const;
  return (
    <dl className="bench-facts">
      {facts.map(([term, fact]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}

function Metrics({ report }: { readonly report: BenchReport }): React.ReactNode {
  const rows = metricRows(report).map(({ name, unit, median, lowest, highest }) => [
    name,
    figure(median),
    `${figure(lowest)} to ${figure(highest)}`,
    unit,
  ]);
  return <FiguresTable label="Figures" head={['Figure', 'Median', 'Rounds', 'Unit']} rows={rows} />;
}
