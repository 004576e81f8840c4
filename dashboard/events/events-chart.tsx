import { useMemo, useState } from 'react';

import type { Completeness } from '../../contracts/completeness.ts';
import type { EventStats } from '../api/answers.ts';
import { isoTime, usePoll } from '../api/use-poll.ts';
import { useNow, usePreferences, useView } from '../app-context.tsx';
import { Blank, FilteredOut } from '../blanks/blank.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { Unanswered } from '../blanks/unanswered.tsx';
import { type SeverityStack, stackSeverities } from '../charts/stack-severities.ts';
import { type ChartSeries, TimeChart } from '../charts/time-chart.tsx';
import { usePalette } from '../charts/use-palette.ts';
import { formatRate } from '../format/format-number.ts';
import { formatAgo, formatClock, formatExact } from '../format/format-time.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { isFiltered, windowOf } from '../view/view.ts';
import './events.css';
import { RangeChoices } from './range-choices.tsx';
import { SeverityFilter } from './severity-filter.tsx';
import { useNewestTime } from './use-newest-time.ts';

const chartHeight = 256;

/** Events a second, coloured by severity, over the view's range. */
export function EventsChart(): React.ReactNode {
  const { data } = useStats();
  return (
    <section className="panel" id="events" aria-labelledby="events-title">
      <header className="panel-head">
        <h2 id="events-title">Events per second</h2>
        <CompletenessNote of={data?.completeness} />
        <span className="spring" />
        <RangeChoices />
      </header>
      <EventsChartBody />
    </section>
  );
}

interface AskedStats {
  readonly stats: EventStats;
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
}

function EventsChartBody(): React.ReactNode {
  const [view] = useView();
  const [point, setPoint] = useState<number | null>(null);
  const { data, error, refetch, isPlaceholderData, dataUpdatedAt } = useStats();
  const asked = useMemo<AskedStats | undefined>(() => {
    if (data === undefined) return undefined;
    const { fromMs, toMs, bucketMs } = windowOf(view, dataUpdatedAt);
    return { stats: data, fromMs, toMs: toMs ?? dataUpdatedAt, bucketMs };
  }, [data, dataUpdatedAt, view]);
  const stack = useMemo(
    () => (asked === undefined ? undefined : stackSeverities(asked.stats, asked)),
    [asked],
  );
  if (asked === undefined || stack === undefined) {
    return (
      <Unanswered rows={7} rowHeight={42} what="the chart" error={error} onRetry={() => void refetch()} />
    );
  }
  const index = point ?? stack.startsMs.length - 1;
  return (
    <div className={isPlaceholderData ? 'events-chart stale' : 'events-chart'}>
      <div className="events-legend">
        <SeverityFilter figureOf={(severity) => formatRate(stack.rates[severity][index] ?? 0)} />
        <span className="spring" />
        <PointTime timeMs={point === null ? null : (stack.startsMs[index] ?? null)} />
      </div>
      {asked.stats.total === 0 ? (
        <NoBars of={asked.stats.completeness} />
      ) : (
        <Bars asked={asked} stack={stack} onPoint={setPoint} />
      )}
    </div>
  );
}

function useStats(): ReturnType<typeof usePoll<EventStats>> {
  const [view] = useView();
  const { range, zoom, severities, search } = view;
  return usePoll<EventStats>({
    path: '/events/stats',
    key: [range, zoom, severities, search],
    params: (nowMs) => {
      const { fromMs, toMs, bucket } = windowOf(view, nowMs);
      const [from, to] = [isoTime(fromMs), isoTime(toMs ?? nowMs)];
      return { from, to, bucket, groupBy: 'severity', severities, search };
    },
    everyMs: windowOf(view, 0).refreshMs,
  });
}

function PointTime({ timeMs }: { readonly timeMs: number | null }): React.ReactNode {
  const [{ zone }] = usePreferences();
  return <span className="quiet point-time">{timeMs === null ? 'newest' : formatClock(timeMs, zone)}</span>;
}

interface BarsProps {
  readonly asked: AskedStats;
  readonly stack: SeverityStack;
  readonly onPoint: (index: number | null) => void;
}

function Bars({ asked, stack, onPoint }: BarsProps): React.ReactNode {
  const [, change] = useView();
  const [{ zone }] = usePreferences();
  const palette = usePalette();
  const series = useMemo<ChartSeries[]>(
    () =>
      stack.stacked.map(({ severity, rates }) => ({
        name: severity,
        color: `severity-${severity.toLowerCase()}`,
        values: rates,
      })),
    [stack],
  );
  return (
    <TimeChart
      label={`Events per second by severity. ${asked.stats.total} events in this range. Drag to zoom.`}
      kind="bars"
      timesMs={stack.startsMs}
      series={series}
      fromMs={asked.fromMs}
      toMs={asked.toMs}
      height={chartHeight}
      format={formatRate}
      zone={zone}
      palette={palette}
      onPoint={onPoint}
      onZoom={(fromMs, toMs) => change({ zoom: { fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) } })}
    />
  );
}

/** Why there are no bars: the filters, or they are late, or nothing came for a while, or nothing ever. */
function NoBars({ of }: { readonly of: Completeness | undefined }): React.ReactNode {
  const [view, change] = useView();
  const [{ zone }] = usePreferences();
  const nowMs = useNow(5_000);
  const { newestMs, error, retry } = useNewestTime();
  if (isFiltered(view))
    return <FilteredOut what="events" onClear={() => change({ severities: [], search: '' })} />;
  if (isLate(of)) return <LateRows what="events" of={of} />;
  if (newestMs === undefined) {
    return <Unanswered rows={5} rowHeight={42} what="the newest event" error={error} onRetry={retry} />;
  }
  if (newestMs === null) {
    return (
      <Blank
        title="No events yet"
        action={
          <a className="button" href="#devices">
            Start an agent
          </a>
        }
      />
    );
  }
  const wide = nowMs - newestMs < 86_400_000;
  const around = { zoom: { fromMs: newestMs - 600_000, toMs: newestMs + 60_000 } };
  return (
    <Blank
      title="Nothing came in this range"
      action={
        <button
          type="button"
          className="button"
          onClick={() => change(wide ? { range: '24h', zoom: null } : around)}
        >
          {wide ? 'Show 24 hours' : 'Show the newest'}
        </button>
      }
    >
      <p>
        The newest event is of <time title={formatExact(newestMs, zone)}>{formatAgo(newestMs, nowMs)}</time>.
        Agents may be off, or late: they keep what they could not send, and it appears here once they do.
      </p>
    </Blank>
  );
}
