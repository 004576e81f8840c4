import { compareReports, type Comparison } from '../../benchmarks/compare/compare.ts';
import { messageOf } from '../../contracts/errors.ts';
import { createRandom } from '../../streams/random.ts';
import './bench.css';
import { figure, FiguresTable } from './figures-table.tsx';
import type { BenchResult } from './read-result.ts';

interface ComparisonPanelProps {
  readonly a: BenchResult;
  readonly b: BenchResult;
}

/** Equal files give equal intervals. */
const seed = 1;

/** What changed between two results beyond the noise, by the statistics of `bench compare`, or why they do not compare. */
export function ComparisonPanel({ a, b }: ComparisonPanelProps): React.ReactNode {
  return (
    <section className="panel" aria-labelledby="bench-compare-title">
      <header className="panel-head">
        <h2 id="bench-compare-title">
          {b.name} against {a.name}
        </h2>
      </header>
      <div className="bench-body">
        <Compared a={a} b={b} />
      </div>
    </section>
  );
}

function Compared({ a, b }: ComparisonPanelProps): React.ReactNode {
  let comparison: Comparison;
  try {
    comparison = compareReports(a.report, b.report, { interleaved: false, random: createRandom(seed) });
  } catch (error) {
    return (
      <p role="alert" className="bad-text">
        {messageOf(error)}
      </p>
    );
  }
  const { metrics, rounds, confidence } = comparison;
  const rows = metrics.map((metric) => [
    metric.name,
    figure(metric.a),
    figure(metric.b),
    metric.unit,
    percent(metric.ratio),
    `${percent(metric.low)} to ${percent(metric.high)}`,
    <span className={`bench-${metric.verdict.replace(' ', '-')}`}>{metric.verdict}</span>,
  ]);
  return (
    <>
      <FiguresTable
        label="What changed"
        head={['Figure', 'A', 'B', 'Unit', 'B / A', 'Interval', 'Verdict']}
        rows={rows}
      />
      <p className="quiet">
        {rounds.a} and {rounds.b} rounds, not measured in turns: a drift of the machine shows as a difference.
        Intervals are sure to {figure(confidence * 100)} %.
      </p>
    </>
  );
}

function percent(ratio: number): string {
  return `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %`;
}
