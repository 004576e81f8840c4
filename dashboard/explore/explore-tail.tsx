import { useEffect, useRef, useState } from 'react';

import type { ListedEvent } from '../api/answers.ts';
import { apiUrl } from '../api/client.ts';
import { useLive } from '../api/live-context.tsx';
import { Blank } from '../blanks/blank.tsx';
import { EventList } from '../events/event-list.tsx';
import { Newest } from '../events/newest.ts';
import { openTail } from '../events/open-tail.ts';
import { formatCount } from '../format/format-number.ts';
import { ModeChoice } from './event-table.tsx';
import { filterParams } from './explore-state.ts';
import './explore.css';
import type { Question } from './question.ts';

const capacity = 500;

/** What comes, as it comes, through the same filters; while held, newcomers wait and are counted. */
export function ExploreTail(question: Question): React.ReactNode {
  const { paused, togglePause } = useLive();
  const [openId, setOpenId] = useState<string | null>(null);
  const held = paused || openId !== null;
  const { rows, waiting, dropped, lost } = useTail(question, held);
  const toggle = (eventId: string): void => setOpenId((former) => (former === eventId ? null : eventId));
  return (
    <section className="panel" aria-labelledby="tail-title">
      <header className="panel-head">
        <h2 id="tail-title">Live tail</h2>
        <button
          type="button"
          className="button button-small"
          aria-pressed={held}
          onClick={() => (openId === null ? togglePause() : setOpenId(null))}
        >
          {held ? `Resume · ${formatCount(waiting)} new` : 'Pause'}
        </button>
        {dropped === 0 ? null : (
          <span
            className="badge badge-warn"
            title="They came faster than this page could take. All are stored."
          >
            {formatCount(dropped)} dropped
          </span>
        )}
        {lost ? <span className="badge badge-warn">reconnecting</span> : null}
        <span className="spring" />
        <ModeChoice {...question} />
      </header>
      <div className="rows" tabIndex={0} role="region" aria-label="Live tail, scrollable">
        {rows.length === 0 ? (
          <Blank title="Waiting for the next matching event">
            <p>It shows here within a second of being accepted.</p>
          </Blank>
        ) : (
          <EventList events={rows} withHost openId={openId} onToggle={toggle} />
        )}
      </div>
    </section>
  );
}

function useTail({ state }: Question, held: boolean) {
  const newest = useRef(new Newest(capacity));
  const isHeld = useRef(held);
  isHeld.current = held;
  const [rows, setRows] = useState<readonly ListedEvent[]>([]);
  const [waiting, setWaiting] = useState(0);
  const [dropped, setDropped] = useState(0);
  const [lost, setLost] = useState(false);
  const url = apiUrl('/events/tail', filterParams(state));
  useEffect(() => {
    newest.current.clear();
    setRows([]);
    setDropped(0);
    const show = (): void => {
      setRows(newest.current.rows());
      setWaiting(newest.current.waitingCount);
    };
    return openTail(url, {
      onOpen: () => setLost(false),
      onLost: () => setLost(true),
      onDropped: (count) => setDropped((former) => former + count),
      onEvents(events) {
        newest.current.add(events, isHeld.current);
        show();
      },
    });
  }, [url]);
  useEffect(() => {
    if (held) return;
    newest.current.release();
    setRows(newest.current.rows());
    setWaiting(0);
  }, [held]);
  return { rows, waiting, dropped, lost };
}
