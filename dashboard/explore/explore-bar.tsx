import { useCallback } from 'react';

import { apiUrl } from '../api/client.ts';
import { usePreferences } from '../app-context.tsx';
import { formatClock, formatListed } from '../format/format-time.ts';
import { Choices } from '../view/choices.tsx';
import { SearchBox } from '../view/search-box.tsx';
import { ShareLink } from '../views/share-link.tsx';
import { SavedViews } from '../views/saved-views.tsx';
import {
  type ExploreRange,
  exploreRanges,
  type ExploreState,
  isNarrowed,
  listFilters,
  noFilters,
  printExplore,
} from './explore-state.ts';
import './explore.css';
import type { Question } from './question.ts';
import { questionParams } from './use-explore.ts';

const ranges = Object.entries(exploreRanges).map(([value, { label }]) => ({
  value: value as ExploreRange,
  label,
}));

/** The words, the time, what narrows the rows, and what to do with them all. */
export function ExploreBar(question: Question): React.ReactNode {
  const { state, window, change } = question;
  const onSearch = useCallback((search: string) => change({ search }), [change]);
  const exported = { ...questionParams(state, window), sort: state.sort };
  return (
    <section className="explore-bar" aria-label="Question">
      <div className="explore-line">
        <SearchBox
          id="explore-search"
          label="Words in text, host or organization"
          shortcut="/"
          value={state.search}
          onSearch={onSearch}
        />
        <Zoom {...question} />
        <Choices
          label="Time range"
          options={ranges}
          chosen={state.zoom === null ? state.range : null}
          onChoose={(range) => change({ range, zoom: null })}
        />
        <span className="spring" />
        <SavedViews page="explore" />
        <ShareLink page="explore" search={() => printExplore({ ...state, zoom: frozen(question) })} />
        <a className="button" download href={apiUrl('/events/export', { ...exported, format: 'csv' })}>
          CSV
        </a>
        <a className="button" download href={apiUrl('/events/export', { ...exported, format: 'ndjson' })}>
          NDJSON
        </a>
      </div>
      <Chips {...question} />
    </section>
  );
}

/** The stretch of time that the numbers are of. */
function frozen({ window: { fromMs, toMs } }: Question): NonNullable<ExploreState['zoom']> {
  return { fromMs, toMs };
}

function Zoom({ state: { zoom }, change }: Question): React.ReactNode {
  const [{ zone }] = usePreferences();
  if (zoom === null) return null;
  return (
    <button
      type="button"
      className="button"
      title="Back to the live range"
      onClick={() => change({ zoom: null })}
    >
      {formatListed(zoom.fromMs, zoom.toMs, zone)} – {formatClock(zoom.toMs, zone)}{' '}
      <span aria-hidden="true">✕</span>
    </button>
  );
}

/** Each condition by itself, with a way out of it. */
function Chips({ state, change }: Question): React.ReactNode {
  if (!isNarrowed(state)) return null;
  const lists = (Object.keys(listFilters) as (keyof typeof listFilters)[]).flatMap((name) =>
    state[name].map((value) => ({
      text: value,
      remove: () => change({ [name]: state[name].filter((one) => one !== value) }),
    })),
  );
  const device =
    state.deviceId === null
      ? []
      : [{ text: `device ${state.deviceId}`, remove: () => change({ deviceId: null }) }];
  const search =
    state.search === '' ? [] : [{ text: `“${state.search}”`, remove: () => change({ search: '' }) }];
  return (
    <div className="chips">
      {[...search, ...lists, ...device].map(({ text, remove }) => (
        <button key={text} type="button" className="chip" aria-label={`Remove ${text}`} onClick={remove}>
          <span>{text}</span> <span aria-hidden="true">✕</span>
        </button>
      ))}
      <button type="button" className="link-button" onClick={() => change(noFilters)}>
        Clear filters
      </button>
    </div>
  );
}
