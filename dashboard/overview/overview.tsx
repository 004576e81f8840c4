import { useCallback } from 'react';

import { useLive } from '../api/live-context.tsx';
import { useView } from '../app-context.tsx';
import { DevicePanel } from '../devices/device-panel.tsx';
import { DeviceTable } from '../devices/device-table.tsx';
import { EventsChart } from '../events/events-chart.tsx';
import { NewestEvents } from '../events/newest-events.tsx';
import { PipelinePanel } from '../pipeline/pipeline-panel.tsx';
import { StoppedPipelines } from '../pipeline/pipeline-notices.tsx';
import './overview.css';
import { Tiles } from './tiles.tsx';

/** The first page: what reports, what it reports, and how that travels. */
export function Overview(): React.ReactNode {
  const [view, change] = useView();
  const { togglePause } = useLive();
  const closeDevice = useCallback(() => change({ device: null }), [change]);
  return (
    <main className="overview">
      <h1 className="visually-hidden">Overview</h1>
      <StoppedPipelines />
      <Tiles />
      <div className="overview-row">
        <EventsChart />
        <NewestEvents onPause={togglePause} />
      </div>
      <DeviceTable />
      <PipelinePanel />
      {view.device === null ? null : (
        <DevicePanel key={view.device} deviceId={view.device} onClose={closeDevice} />
      )}
    </main>
  );
}
