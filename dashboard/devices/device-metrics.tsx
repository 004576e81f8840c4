import { useMemo } from 'react';

import { useAway, usePreferences } from '../app-context.tsx';
import { type ChartSeries, TimeChart } from '../charts/time-chart.tsx';
import { usePalette } from '../charts/use-palette.ts';
import { formatBytes, formatRate, formatShare } from '../format/format-number.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import './device-page.css';
import { type PageRange, pageRanges } from './presence.ts';
import { alignSeries } from './align-series.ts';
import { FailedSection } from './failed-section.tsx';
import { useSeries } from './use-series.ts';

interface Metric {
  readonly name: string;
  readonly title: string;
  readonly format: (value: number) => string;
  readonly maximum?: number;
  readonly agg: string;
}

/** What agents report, after OpenTelemetry's names. */
const metrics: readonly Metric[] = [
  { name: 'system.cpu.utilization', title: 'CPU', format: formatShare, maximum: 1, agg: 'avg' },
  { name: 'system.memory.utilization', title: 'Memory', format: formatShare, maximum: 1, agg: 'avg' },
  { name: 'system.filesystem.utilization', title: 'Disks', format: formatShare, maximum: 1, agg: 'max' },
  { name: 'system.cpu.load_average.1m', title: 'Load (1 min)', format: formatRate, agg: 'avg' },
  { name: 'system.memory.usage', title: 'Memory in use', format: formatBytes, agg: 'avg' },
  { name: 'system.network.io', title: 'Network', format: formatBytes, agg: 'avg' },
];

/** The measurements that the device has, a chart each. */
export function DeviceMetrics({ deviceId, range }: { deviceId: string; range: PageRange }): React.ReactNode {
  return (
    <div className="device-metrics">
      {metrics.map((metric) => (
        <MetricChart key={metric.name} metric={metric} deviceId={deviceId} range={range} />
      ))}
    </div>
  );
}

interface MetricChartProps {
  readonly metric: Metric;
  readonly deviceId: string;
  readonly range: PageRange;
}

function MetricChart({ metric, deviceId, range }: MetricChartProps): React.ReactNode {
  const { spanMs, bucket, bucketMs } = pageRanges[range];
  const [{ zone }] = usePreferences();
  const palette = usePalette();
  const away = useAway();
  const { data, dataUpdatedAt, error, refetch } = useSeries({
    names: [metric.name],
    deviceIds: [deviceId],
    spanMs,
    bucket,
    bucketMs,
    agg: metric.agg,
    everyMs: 5_000,
    keepFormer: false,
  });
  const answer = data?.[0]?.answer;
  const aligned = useMemo(() => alignSeries(answer?.series ?? []), [answer]);
  const series = useMemo(
    () =>
      aligned.series.map(({ label, values }, index) => ({
        name: label === '' ? metric.title : label,
        color: `group-${(index % 6) + 1}`,
        values,
      })),
    [aligned, metric.title],
  );
  if (data === undefined && error !== null && !away) {
    return <FailedSection title={metric.title} what="it" error={error} onRetry={() => void refetch()} />;
  }
  if (aligned.timesMs.length === 0) return null;
  // Of several parts, such as the states of a processor, none speaks for the whole but the one without a label.
  const whole =
    series.find(({ name }) => name === metric.title) ?? (series.length === 1 ? series[0] : undefined);
  const newest = whole?.values.findLast((value) => value !== null);
  return (
    <section className="panel device-section" data-metric={metric.name} data-points={aligned.timesMs.length}>
      <h2>
        {metric.title}{' '}
        <span className="device-now">
          {newest === undefined || newest === null ? '' : metric.format(newest)}
        </span>{' '}
        <CompletenessNote of={answer?.completeness} />
      </h2>
      <TimeChart
        label={`${metric.title} over the last ${pageRanges[range].label}`}
        kind="line"
        timesMs={aligned.timesMs}
        series={series}
        fromMs={dataUpdatedAt - spanMs}
        toMs={dataUpdatedAt}
        height={128}
        format={metric.format}
        zone={zone}
        palette={palette}
        {...(metric.maximum === undefined ? {} : { maximum: metric.maximum })}
      />
      {series.length < 2 ? null : <Legend series={series} />}
    </section>
  );
}

/** Which colour is which part. */
function Legend({ series }: { readonly series: readonly ChartSeries[] }): React.ReactNode {
  return (
    <p className="metric-legend">
      {series.map(({ name, color }) => (
        <span key={name}>
          <span className="swatch" style={{ background: `var(--${color})` }} /> {name}
        </span>
      ))}
    </p>
  );
}
