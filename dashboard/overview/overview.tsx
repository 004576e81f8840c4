import { useCallback, useMemo, useState } from 'react';

import { useAway, useView } from '../app-context.tsx';
import { LiveContext } from '../api/live-context.tsx';
import { DevicePanel } from '../devices/device-panel.tsx';
import { DeviceTable } from '../devices/device-table.tsx';
import { EventsChart } from '../events/events-chart.tsx';
import { NewestEvents } from '../events/newest-events.tsx';
import { PipelinePanel } from '../pipeline/pipeline-panel.tsx';
import { StoppedPipelines } from '../pipeline/stopped-pipelines.tsx';
import { Header } from './header.tsx';
import './overview.css';
import { Shortcuts } from './shortcuts.tsx';
import { Tiles } from './tiles.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/** The one page: what reports, what it reports, and how that travels. */
export function Overview({ onSignOut }: { readonly onSignOut: () => void }): React.ReactNode {
  const [paused, setPaused] = useState(false);
  const [help, setHelp] = useState(false);
  const away = useAway();
  const [view, change] = useView();
  const live = useMemo(() => ({ paused }), [paused]);
  const togglePause = useCallback(() => setPaused((former) => !former), []);
  const showHelp = useCallback(() => setHelp(true), []);
  const hideHelp = useCallback(() => setHelp(false), []);
  const closeDevice = useCallback(() => change({ device: null }), [change]);
  useShortcuts({ onPause: togglePause, onHelp: showHelp });
  return (
    <LiveContext value={live}>
      <Header onPause={togglePause} onHelp={showHelp} onSignOut={onSignOut} />
      {away ? (
        <div className="reconnecting" role="status">
          The server does not answer. Reconnecting; what you see is from before.
        </div>
      ) : null}
      <main className={away ? 'overview stale' : 'overview'}>
        <h1 className="visually-hidden">Overview</h1>
        <StoppedPipelines />
        <Tiles />
        <div className="overview-row">
          <EventsChart />
          <NewestEvents onPause={togglePause} />
        </div>
        <DeviceTable />
        <PipelinePanel />
      </main>
      {view.device === null ? null : (
        <DevicePanel key={view.device} deviceId={view.device} onClose={closeDevice} />
      )}
      {help ? <Shortcuts onClose={hideHelp} /> : null}
    </LiveContext>
  );
}
