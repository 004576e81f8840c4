import { useMemo, useState } from 'react';

import type { EventStats } from '../api/answers.ts';
import { usePreferences } from '../app-context.tsx';
import { Failed } from '../blanks/blank.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { type ChartSeries, TimeChart } from '../charts/time-chart.tsx';
import { usePalette } from '../charts/use-palette.ts';
import { formatCount } from '../format/format-number.ts';
import { formatListed } from '../format/format-time.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { severities } from '../view/view.ts';
import { type Grouping, groupings } from './explore-state.ts';
import './explore.css';
import type { Question } from './question.ts';
import { type GroupStack, otherKey, stackGroups } from './stack-groups.ts';
import { questionParams, useAnswer } from './use-explore.ts';

const groupLabels: Readonly<Record<Grouping, string>> = {
  severity: 'severity',
  eventType: 'type',
  toolType: 'tool',
  organizationId: 'organization',
  deviceId: 'device',
};
const namedGroups = 6;
const wholeCount = new Intl.NumberFormat('en');

/** How many events by bucket. A drag zooms, Back undoes it. */
export function ExploreChart(question: Question): React.ReactNode {
  const { state, window, change } = question;
  const { groupBy } = state;
  const { data, error, refetch, isPlaceholderData } = useAnswer<EventStats>('/events/stats', {
    ...questionParams(state, window),
    bucket: window.bucket,
    groupBy,
    top: namedGroups,
  });
  const [point, setPoint] = useState<number | null>(null);
  const order = groupBy === 'severity' ? severities : undefined;
  const stack = useMemo(
    () => (data === undefined ? undefined : stackGroups(data, window, order)),
    [data, window, order],
  );
  return (
    <section className="panel" aria-labelledby="explore-total">
      <header className="panel-head">
        <h2 id="explore-total" data-total={data?.total}>
          {data === undefined ? 'Events' : `${wholeCount.format(data.total)} events`}
        </h2>
        <span className="quiet">per {window.bucket}</span>
        <CompletenessNote of={data?.completeness} />
        <span className="spring" />
        <label className="quiet">
          by{' '}
          <select
            value={groupBy}
            onChange={({ target }) =>
              change({ groupBy: groupings.find((one) => one === target.value) ?? groupBy })
            }
          >
            {groupings.map((grouping) => (
              <option key={grouping} value={grouping}>
                {groupLabels[grouping]}
              </option>
            ))}
          </select>
        </label>
      </header>
      {stack === undefined ? (
        error === null ? (
          <Skeleton rows={5} rowHeight={34} />
        ) : (
          <Failed what="the chart" error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <div className={isPlaceholderData ? 'explore-chart dimmed' : 'explore-chart'}>
          <Bars {...question} stack={stack} onPoint={setPoint} />
          <Legend {...question} stack={stack} point={point} />
        </div>
      )}
    </section>
  );
}

interface StackProps extends Question {
  readonly stack: GroupStack;
}

function Bars({
  state,
  window,
  change,
  stack,
  onPoint,
}: StackProps & { onPoint: (i: number | null) => void }): React.ReactNode {
  const [{ zone }] = usePreferences();
  const palette = usePalette();
  const series = useMemo<ChartSeries[]>(
    () =>
      stack.stacked.map(({ key, counts }, index) => ({
        name: key,
        color: colorOf(state.groupBy, key, index, stack),
        values: counts,
      })),
    [stack, state.groupBy],
  );
  const total = [...stack.totals.values()].reduce((sum, count) => sum + count, 0);
  return (
    <TimeChart
      label={`${total} events by ${groupLabels[state.groupBy]}. Drag to zoom.`}
      kind="bars"
      timesMs={stack.startsMs}
      series={series}
      fromMs={window.fromMs}
      toMs={window.toMs}
      height={180}
      format={(value) => (Number.isInteger(value) ? formatCount(value) : '')}
      zone={zone}
      palette={palette}
      onPoint={onPoint}
      onZoom={(fromMs, toMs) => change({ zoom: { fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) } })}
    />
  );
}

function Legend({ state, stack, point, window }: StackProps & { point: number | null }): React.ReactNode {
  const [{ zone }] = usePreferences();
  const startMs = point === null ? undefined : stack.startsMs[point];
  return (
    <ul className="explore-legend">
      {stack.stacked.map(({ key, counts }, index) => {
        const under = stack.stacked[index + 1]?.counts;
        const here = point === null ? stack.totals.get(key) : (counts[point] ?? 0) - (under?.[point] ?? 0);
        return (
          <li key={key}>
            <span
              className="swatch"
              style={{ background: `var(--${colorOf(state.groupBy, key, index, stack)})` }}
            />
            <span className="legend-key" title={key}>
              {key}
            </span>{' '}
            <span className="quiet">{formatCount(here ?? 0)}</span>
          </li>
        );
      })}
      {startMs === undefined ? null : <li className="quiet">{formatListed(startMs, window.toMs, zone)}</li>}
    </ul>
  );
}

/** Severities keep their colours; other groups are told apart by their rank. */
function colorOf(groupBy: Grouping, key: string, index: number, { stacked }: GroupStack): string {
  if (groupBy === 'severity' && key !== otherKey) return `severity-${key.toLowerCase()}`;
  if (key === otherKey) return 'severity-debug';
  return `group-${Math.min(namedGroups, stacked.length - index)}`;
}
