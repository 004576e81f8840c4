import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';

import type { Completeness } from '../../contracts/completeness.ts';
import type { Device } from '../api/answers.ts';
import { useLive } from '../api/live-context.tsx';
import { usePoll } from '../api/use-poll.ts';
import { useApp, useNow, usePreferences, useView } from '../app-context.tsx';
import { Blank, Failed } from '../blanks/blank.tsx';
import { Dialog } from '../blanks/dialog.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { TimeChart } from '../charts/time-chart.tsx';
import { usePalette } from '../charts/use-palette.ts';
import { fetchNewest } from '../events/fetch-newest.ts';
import { EventList } from '../events/event-list.tsx';
import { formatShare } from '../format/format-number.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { DeviceFacts } from './device-facts.tsx';
import { ranges } from '../view/view.ts';
import './device-panel.css';
import { type Resource, useUtilization } from './use-utilization.ts';
import { currentShare } from './utilization.ts';

interface DevicePanelProps {
  readonly deviceId: string;
  readonly onClose: () => void;
}

/** One device: what it is, its load over the view's range, and its newest events. */
export function DevicePanel({ deviceId, onClose }: DevicePanelProps): React.ReactNode {
  const { data, error, refetch } = usePoll<Device>({
    path: `/devices/${encodeURIComponent(deviceId)}`,
    key: [],
    params: () => ({}),
    everyMs: 5_000,
    keepFormer: false,
  });
  return (
    <Dialog title={data?.hostname ?? deviceId} kind="side" onClose={onClose}>
      {data === undefined && error !== null ? (
        <Failed what="this device" error={error} onRetry={() => void refetch()} />
      ) : (
        <>
          {data === undefined ? <Skeleton rows={4} rowHeight={24} /> : <DeviceFacts device={data} />}
          <UtilizationChart deviceId={deviceId} resource="cpu" title="CPU" />
          <UtilizationChart deviceId={deviceId} resource="memory" title="Memory" />
          <DeviceEvents deviceId={deviceId} />
        </>
      )}
    </Dialog>
  );
}

interface UtilizationChartProps {
  readonly deviceId: string;
  readonly resource: Resource;
  readonly title: string;
}

function UtilizationChart({ deviceId, resource, title }: UtilizationChartProps): React.ReactNode {
  const nowMs = useNow(2_000);
  const [{ zone }] = usePreferences();
  const palette = usePalette();
  const [view] = useView();
  const { label, spanMs, bucket, bucketMs } = ranges[view.range];
  const points = useUtilization(deviceId, resource, { spanMs, bucket, bucketMs });
  const timesMs = useMemo(() => (points ?? []).map(([timeMs]) => timeMs), [points]);
  const series = useMemo(
    () => [{ name: title, color: resource, values: (points ?? []).map(([, share]) => share) }],
    [points, title, resource],
  );
  const share = formatShare(currentShare(points ?? [], nowMs));
  return (
    <section className="device-chart" data-resource={resource} data-points={timesMs.length}>
      <h3>
        {title} <span className="device-now">{share}</span>
        <span className="quiet"> · last {label}</span>
      </h3>
      <TimeChart
        label={`${title} over the last ${label}; now ${share}`}
        kind="line"
        timesMs={timesMs}
        series={series}
        fromMs={nowMs - spanMs}
        toMs={nowMs}
        maximum={1}
        height={132}
        format={formatShare}
        zone={zone}
        palette={palette}
      />
    </section>
  );
}

/** The newest events of a device, each whole on demand. */
export function DeviceEvents({ deviceId }: { readonly deviceId: string }): React.ReactNode {
  const [openId, setOpenId] = useState<string | null>(null);
  const toggle = useCallback(
    (eventId: string) => setOpenId((former) => (former === eventId ? null : eventId)),
    [],
  );
  const { api } = useApp();
  const { paused } = useLive();
  const [{ routine }] = useView();
  const recent = useRecentRate();
  const { data, error, refetch } = useQuery({
    queryKey: ['newest of device', deviceId, routine],
    queryFn: ({ signal }) => fetchNewest(api, { deviceId, routine }, 30, signal),
    refetchInterval: paused || openId !== null ? false : 5_000,
  });
  return (
    <section className="device-events">
      <h3>
        Newest events <CompletenessNote of={recent.data?.completeness} />
      </h3>
      {data === undefined && error === null ? <Skeleton rows={6} rowHeight={28} /> : null}
      {data === undefined && error !== null ? (
        <Failed what="its events" error={error} onRetry={() => void refetch()} />
      ) : null}
      {data?.length === 0 ? <NoEvents of={recent.data?.completeness} /> : null}
      <EventList events={data ?? []} withHost={false} openId={openId} onToggle={toggle} />
    </section>
  );
}

function NoEvents({ of }: { readonly of: Completeness | undefined }): React.ReactNode {
  const [{ routine }, change] = useView();
  if (isLate(of)) return <LateRows what="events" of={of} />;
  if (routine) {
    return (
      <Blank title="No events are kept of this device">
        <p>The first one shows here a moment after its agent sends it.</p>
      </Blank>
    );
  }
  return (
    <Blank
      title="Nothing but measurements and heartbeats"
      action={
        <button type="button" className="button" onClick={() => change({ routine: true })}>
          Show them
        </button>
      }
    />
  );
}
