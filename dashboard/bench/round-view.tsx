import { TimeChart } from '../charts/time-chart.tsx';
import { usePalette } from '../charts/use-palette.ts';
import { formatCount } from '../format/format-number.ts';
import './bench.css';
import { figure, FiguresTable } from './figures-table.tsx';
import type { Quantiles, RunDetails } from './run-details.ts';

const chartHeight = 180;
const colors = ['group-1', 'group-2', 'group-3', 'group-4', 'group-5', 'group-6'];

/** One round of `bench run`: rates, latency by stage, CPU and memory by process, lag over time, the ledger. */
export function RoundView({ round }: { readonly round: RunDetails }): React.ReactNode {
  const { generator, ledger } = round;
  return (
    <>
      <p>
        Offered {formatCount(generator.offeredRatePerSecond)} events/s, stored{' '}
        {formatCount(round.storedPerSecond)} events/s; drained in {figure(round.drainSeconds)} s, the
        generator at most {figure(generator.behindMs)} ms behind, other programs{' '}
        {figure(round.foreignShare * 100)} % of the machine.
      </p>
      <Latencies round={round} />
      <Processes round={round} />
      <Lag round={round} />
      <p>
        Ledger: sent {formatCount(ledger.sent)}, accepted {formatCount(ledger.accepted)}, dead letters{' '}
        {formatCount(ledger.deadLettered)}, <Count of={ledger.lost} what="lost" />,{' '}
        <Count of={ledger.duplicated} what="duplicated" />.
      </p>
    </>
  );
}

function Count({ of, what }: { readonly of: number; readonly what: string }): React.ReactNode {
  return (
    <span className={of > 0 ? 'bad-text' : undefined}>
      {what} {formatCount(of)}
    </span>
  );
}

function Latencies({ round }: { readonly round: RunDetails }): React.ReactNode {
  const rows: readonly (readonly [string, Quantiles])[] = [
    ['send → durable at the door', round.door.corrected],
    ['raw, from the request', round.door.raw],
    ...Object.entries(round.endToEnd).map(([sink, q]) => [`send → ${sink}`, q] as const),
    ...Object.entries(round.pipelines).map(([name, q]) => [`accepted → ${name}`, q] as const),
  ];
  return (
    <FiguresTable
      label="Latency by stage"
      head={['Latency, ms', 'p50', 'p90', 'p99', 'p99.9', 'max']}
      rows={rows.map(([name, { p50, p90, p99, p999, max }]) => [
        name,
        ...[p50, p90, p99, p999, max].map((ms) => figure(ms)),
      ])}
    />
  );
}

function Processes({ round }: { readonly round: RunDetails }): React.ReactNode {
  const perMillion = (seconds: number): string => figure((seconds * 1e6) / Math.max(1, round.generator.sent));
  return (
    <FiguresTable
      label="CPU and memory by process"
      head={['Process', 'CPU s a million events', 'Peak MB']}
      rows={[
        ...round.roles.map(({ role, cpuSeconds, peakResidentMb }) => [
          role,
          perMillion(cpuSeconds),
          figure(peakResidentMb),
        ]),
        ['generator', perMillion(round.generatorCpuSeconds), ''],
      ]}
    />
  );
}

/** The pipelines that were behind most; their seconds are drawn as times of the first hours of 1970, in UTC. */
function Lag({ round: { samples } }: { readonly round: RunDetails }): React.ReactNode {
  const palette = usePalette();
  const names = [...new Set(samples.flatMap(({ lag }) => Object.keys(lag)))]
    .map((name) => ({ name, most: samples.reduce((most, { lag }) => Math.max(most, lag[name] ?? 0), 0) }))
    .sort((a, b) => b.most - a.most)
    .slice(0, colors.length);
  const last = samples.at(-1);
  if (last === undefined) return null;
  const series = names.map(({ name }, at) => ({
    name,
    color: colors[at] ?? 'group-1',
    values: samples.map(({ lag }) => lag[name] ?? 0),
  }));
  return (
    <figure className="bench-chart">
      <figcaption>
        Lag over time, records:{' '}
        {series.map(({ name, color }) => (
          <span key={name} className="bench-key">
            <span className="swatch" style={{ background: `var(--${color})` }} /> {name}
          </span>
        ))}
      </figcaption>
      <TimeChart
        label="Lag of each pipeline over the measured time"
        timesMs={samples.map(({ second }) => second * 1_000)}
        series={series}
        kind="line"
        fromMs={0}
        toMs={Math.max(1, last.second) * 1_000}
        height={chartHeight}
        format={(value) => formatCount(value)}
        zone="utc"
        palette={palette}
      />
    </figure>
  );
}
