import { useCallback, useState } from 'react';

import { EventDetail } from './event-detail.tsx';
import { EventTable } from './event-table.tsx';
import { ExploreBar } from './explore-bar.tsx';
import { ExploreChart } from './explore-chart.tsx';
import './explore.css';
import { ExploreTail } from './explore-tail.tsx';
import { Facets } from './facets.tsx';
import { useExploreState, useExploreWindow } from './use-explore.ts';

/** Events narrowed down: facets, chart and rows of one question, which stands in the address. */
export function Explore(): React.ReactNode {
  const [state, change] = useExploreState();
  const [scrolled, setScrolled] = useState(false);
  const window = useExploreWindow(state, scrolled || state.event !== null);
  const close = useCallback(() => change({ event: null }), [change]);
  const question = { state, window, change };
  return (
    <main className="page explore">
      <h1 className="visually-hidden">Explore</h1>
      <ExploreBar {...question} />
      <Facets {...question} />
      <div className="explore-main">
        <ExploreChart {...question} />
        {state.mode === 'tail' ? (
          <ExploreTail {...question} />
        ) : (
          <EventTable {...question} onScrolled={setScrolled} />
        )}
      </div>
      {state.event === null ? null : <EventDetail eventId={state.event} change={change} onClose={close} />}
    </main>
  );
}
