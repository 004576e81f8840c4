import { useCallback, useState } from 'react';

import type { Completeness } from '../../contracts/completeness.ts';
import { useView } from '../app-context.tsx';
import { useLive } from '../api/live-context.tsx';
import { Blank, FilteredOut } from '../blanks/blank.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { Unanswered } from '../blanks/unanswered.tsx';
import { formatCount } from '../format/format-number.ts';
import { useDeviceCounts } from '../devices/use-devices.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { SearchBox } from '../view/search-box.tsx';
import { isFiltered } from '../view/view.ts';
import { EventList } from './event-list.tsx';
import './events.css';
import { type NewestEvents as Newest, useNewestEvents } from './use-newest-events.ts';

interface NewestEventsProps {
  readonly onPause: () => void;
}

/** The newest events as they come. */
export function NewestEvents({ onPause }: NewestEventsProps): React.ReactNode {
  const [view, change] = useView();
  const { paused } = useLive();
  const [openId, setOpenId] = useState<string | null>(null);
  // An open row would be pushed away while it is read.
  const held = paused || openId !== null;
  const newest = useNewestEvents(view, held);
  const recent = useRecentRate();
  const toggle = useCallback(
    (eventId: string) => setOpenId((former) => (former === eventId ? null : eventId)),
    [],
  );
  function pauseOrResume(): void {
    setOpenId(null);
    if (paused || openId === null) onPause();
  }
  const onSearch = useCallback((search: string) => change({ search }), [change]);
  return (
    <section className="panel events-panel" id="newest-events" aria-labelledby="newest-title">
      <header className="panel-head">
        <h2 id="newest-title">Newest events</h2>
        <CompletenessNote of={recent.data?.completeness} />
        {newest.droppedCount > 0 ? (
          <span
            className="badge badge-warn"
            title="They came faster than this page could take. All are stored."
          >
            {formatCount(newest.droppedCount)} dropped
          </span>
        ) : null}
        <span className="spring" />
        <button type="button" className="button button-small" aria-pressed={held} onClick={pauseOrResume}>
          {pauseLabel(held, newest.waitingCount)}
        </button>
        <button
          type="button"
          className="button button-small"
          aria-pressed={view.routine}
          title="Show measurements and heartbeats too"
          onClick={() => change({ routine: !view.routine })}
        >
          Routine
        </button>
        <SearchBox
          id="event-search"
          label="Filter events"
          shortcut="f"
          value={view.search}
          onSearch={onSearch}
        />
      </header>
      <div className="event-scroll" tabIndex={0} role="region" aria-label="Newest events, scrollable">
        <EventRows newest={newest} of={recent.data?.completeness} openId={openId} onToggle={toggle} />
      </div>
    </section>
  );
}

function pauseLabel(held: boolean, waiting: number): string {
  if (!held) return 'Pause';
  return waiting === 0 ? 'Resume' : `Resume · ${formatCount(waiting)} new`;
}

interface EventRowsProps {
  readonly newest: Newest;
  readonly of: Completeness | undefined;
  readonly openId: string | null;
  readonly onToggle: (eventId: string) => void;
}

function EventRows({ newest, of, openId, onToggle }: EventRowsProps): React.ReactNode {
  const [view, change] = useView();
  const counts = useDeviceCounts().counts;
  const { rows, error } = newest;
  if (rows === undefined || (rows.length === 0 && error !== null)) {
    return <Unanswered rows={10} rowHeight={28} what="events" error={error} onRetry={newest.retry} />;
  }
  if (rows.length === 0) {
    if (isFiltered(view)) {
      return <FilteredOut what="events" onClear={() => change({ severities: [], search: '' })} />;
    }
    if (isLate(of)) return <LateRows what="events" of={of} />;
    if (!view.routine && (counts?.total ?? 0) > 0) {
      return (
        <Blank
          title="Only measurements and heartbeats so far"
          action={
            <button type="button" className="button" onClick={() => change({ routine: true })}>
              Show them
            </button>
          }
        />
      );
    }
    return (
      <Blank
        title="No events yet"
        action={
          <a className="button" href="#devices">
            Start an agent
          </a>
        }
      >
        <p>The first ones show here a moment after an agent starts.</p>
      </Blank>
    );
  }
  return <EventList events={rows} withHost openId={openId} onToggle={onToggle} />;
}
