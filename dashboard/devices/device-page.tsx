import { useMemo } from 'react';

import type { Device, EventStats } from '../api/answers.ts';
import { isoTime, usePoll } from '../api/use-poll.ts';
import { useAway, usePreferences } from '../app-context.tsx';
import { Failed } from '../blanks/blank.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { TimeChart } from '../charts/time-chart.tsx';
import { usePalette } from '../charts/use-palette.ts';
import { exploreHref } from '../explore/explore-state.ts';
import { formatCount } from '../format/format-number.ts';
import { PageLink, useGo, usePathname, useSearchText } from '../shell/address.tsx';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { SavedViews } from '../views/saved-views.tsx';
import { Choices } from '../view/choices.tsx';
import { DeviceFacts } from './device-facts.tsx';
import { DeviceLife } from './device-life.tsx';
import { DeviceMetrics } from './device-metrics.tsx';
import { FailedSection } from './failed-section.tsx';
import './device-page.css';
import { DeviceEvents } from './device-panel.tsx';
import { type PageRange, pageRanges, presenceOf } from './presence.ts';

/** One device: what it is, whether it was there, its measurements and its events. */
export function DevicePage(): React.ReactNode {
  const deviceId = decodeURIComponent(usePathname().slice('/devices/'.length));
  const { data, error, refetch } = usePoll<Device>({
    path: `/devices/${encodeURIComponent(deviceId)}`,
    key: ['page'],
    params: () => ({}),
    everyMs: 5_000,
    keepFormer: false,
  });
  const go = useGo();
  const text = useSearchText();
  const range = rangeOf(text);
  return (
    <main className="page device-page">
      <header className="device-title">
        <PageLink href="/devices">Devices</PageLink>
        <h1>{data?.hostname ?? deviceId}</h1>
        <span className="spring" />
        <Choices
          label="Time range"
          options={(Object.keys(pageRanges) as PageRange[]).map((value) => ({
            value,
            label: pageRanges[value].label,
          }))}
          chosen={range}
          onChoose={(value) => go(`?range=${value}`)}
        />
        <PageLink className="button" href={exploreHref({ deviceId, range })}>
          Explore its events
        </PageLink>
        <SavedViews page="explore" />
      </header>
      {data === undefined && error !== null ? (
        <section className="panel">
          <Failed what="this device" error={error} onRetry={() => void refetch()} />
        </section>
      ) : (
        <>
          <section className="panel device-section" aria-labelledby="facts-title">
            <h2 id="facts-title">Inventory</h2>
            {data === undefined ? <Skeleton rows={6} rowHeight={24} /> : <DeviceFacts device={data} />}
          </section>
          <DeviceLife key={deviceId} deviceId={deviceId} spanMs={pageRanges[range].spanMs} />
          <EventsOverTime deviceId={deviceId} range={range} />
          <DeviceMetrics deviceId={deviceId} range={range} />
          <section className="panel device-section">
            <DeviceEvents deviceId={deviceId} />
          </section>
        </>
      )}
    </main>
  );
}

function rangeOf(text: string): PageRange {
  const range = new URLSearchParams(text).get('range') ?? '';
  return Object.hasOwn(pageRanges, range) ? (range as PageRange) : '1h';
}

/** How many events there are of it, what the platform tells of it among them; each bar leads to its events. */
function EventsOverTime({ deviceId, range }: { deviceId: string; range: PageRange }): React.ReactNode {
  const { spanMs, bucket, bucketMs } = pageRanges[range];
  const [{ zone }] = usePreferences();
  const palette = usePalette();
  const go = useGo();
  const away = useAway();
  const { data, dataUpdatedAt, error, refetch } = usePoll<EventStats>({
    path: '/events/stats',
    key: ['presence', deviceId, range],
    params: (now) => ({ deviceId, from: isoTime(now - spanMs), to: isoTime(now), bucket }),
    everyMs: 5_000,
    keepFormer: false,
  });
  const presence = useMemo(
    () =>
      data === undefined ? undefined : presenceOf(data, dataUpdatedAt - spanMs, dataUpdatedAt, bucketMs),
    [data, dataUpdatedAt, spanMs, bucketMs],
  );
  const series = useMemo(
    () => [{ name: 'events', color: 'severity-info', values: presence?.counts ?? [] }],
    [presence],
  );
  if (presence === undefined) {
    if (error === null || away) return <Skeleton rows={3} rowHeight={30} />;
    const retry = (): void => void refetch();
    return <FailedSection title="Events" what="when there were events" error={error} onRetry={retry} />;
  }
  return (
    <section className="panel device-section" aria-labelledby="events-title">
      <h2 id="events-title">
        Events{' '}
        <span className="quiet">
          · {formatCount(presence.total)}, in {presence.reporting} of {presence.counts.length} stretches of{' '}
          {bucket}
        </span>{' '}
        <CompletenessNote of={data?.completeness} />
      </h2>
      <TimeChart
        label={`Events of this device over time, ${presence.total} in all. Drag to see a stretch in Explore.`}
        kind="bars"
        timesMs={presence.startsMs}
        series={series}
        fromMs={dataUpdatedAt - spanMs}
        toMs={dataUpdatedAt}
        height={96}
        format={formatCount}
        zone={zone}
        palette={palette}
        onZoom={(fromMs, toMs) =>
          go(exploreHref({ deviceId, zoom: { fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) } }))
        }
      />
    </section>
  );
}
