import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';

import type { ListedEvent, Page } from '../api/answers.ts';
import { useApp, usePreferences } from '../app-context.tsx';
import { Unanswered } from '../blanks/unanswered.tsx';
import { severityLabels } from '../events/severity-filter.tsx';
import { SeverityMark } from '../events/severity-mark.tsx';
import { formatExact, formatListed } from '../format/format-time.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { Choices } from '../view/choices.tsx';
import './explore.css';
import { NoRows } from './no-rows.tsx';
import type { Question } from './question.ts';
import { questionParams } from './use-explore.ts';

const rowHeight = 32;
/** The first page is small, to be there soon; whoever scrolls on gets more at once. */
const firstRows = 200;
const moreRows = 1_000;

interface EventTableProps extends Question {
  /** Told when the reader leaves the top, and comes back: rows must not move under the eye. */
  readonly onScrolled: (scrolled: boolean) => void;
}

/** All rows of the question; those that show are drawn, and those behind them asked for as the reader goes on. */
export function EventTable({ onScrolled, ...question }: EventTableProps): React.ReactNode {
  const { state, change } = question;
  const { data } = useRows(question);
  return (
    <section className="panel" aria-labelledby="rows-title">
      <header className="panel-head">
        <h2 id="rows-title">Rows</h2>
        <CompletenessNote of={data?.pages.at(-1)?.completeness} />
        <Choices
          label="Order"
          options={[
            { value: 'desc', label: 'Newest first' },
            { value: 'asc', label: 'Oldest first' },
          ]}
          chosen={state.sort}
          onChoose={(sort) => change({ sort })}
        />
        <span className="spring" />
        <ModeChoice {...question} />
      </header>
      <Rows {...question} onScrolled={onScrolled} />
    </section>
  );
}

/** What was, or what comes. */
export function ModeChoice({ state, change }: Question): React.ReactNode {
  return (
    <Choices
      label="Rows or tail"
      options={[
        { value: 'table', label: 'Rows' },
        { value: 'tail', label: 'Live tail' },
      ]}
      chosen={state.mode}
      onChoose={(mode) => change({ mode })}
    />
  );
}

function useRows({ state, window }: Question) {
  const { api } = useApp();
  const params = { ...questionParams(state, window), sort: state.sort };
  return useInfiniteQuery({
    queryKey: ['/events pages', params],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<ListedEvent>>(
        '/events',
        { ...params, limit: pageParam === '' ? firstRows : moreRows, cursor: pageParam },
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
}

function Rows(props: EventTableProps): React.ReactNode {
  const { onScrolled, change, state } = props;
  const box = useRef<HTMLDivElement>(null);
  const query = useRows(props);
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, isPlaceholderData } = query;
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const virtual = useVirtualizer({
    count: rows.length + (hasNextPage ? 1 : 0),
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastShown >= rows.length - 20) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastShown, rows.length]);
  useRowKeys(rows, state.event, (event) => change({ event }));
  if (data === undefined) {
    return (
      <Unanswered
        rows={12}
        rowHeight={rowHeight}
        what="the rows"
        error={error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (rows.length === 0) return <NoRows {...props} of={data.pages.at(-1)?.completeness} />;
  return (
    <div
      ref={box}
      className={isPlaceholderData ? 'rows dimmed' : 'rows'}
      tabIndex={0}
      role="region"
      aria-label="Rows, scrollable"
      onScroll={({ currentTarget }) => onScrolled(currentTarget.scrollTop > rowHeight)}
    >
      <div role="list" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {shown.map(({ index, start }) => {
          const event = rows[index];
          return (
            <div key={index} role="listitem" className="row" style={{ transform: `translateY(${start}px)` }}>
              {event === undefined ? (
                <span className="quiet row-more">More…</span>
              ) : (
                <Row
                  event={event}
                  open={event.eventId === state.event}
                  onOpen={() => change({ event: event.eventId })}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly event: ListedEvent;
  readonly open: boolean;
  readonly onOpen: () => void;
}

function Row({ event, open, onOpen }: RowProps): React.ReactNode {
  const { nowMs } = useApp();
  const [{ zone }] = usePreferences();
  const timeMs = Date.parse(event.eventTime);
  return (
    <button type="button" className="row-line" aria-pressed={open} onClick={onOpen}>
      <time dateTime={event.eventTime} title={formatExact(timeMs, zone)}>
        {formatListed(timeMs, nowMs(), zone)}
      </time>
      <span className="event-severity" title={severityLabels[event.severity]}>
        <SeverityMark severity={event.severity} />
        <span className="visually-hidden">{severityLabels[event.severity]}</span>
      </span>
      <span className="row-type">{event.eventType}</span>
      <span className="row-host">{event.hostname ?? event.deviceId ?? event.source}</span>
      <span className="row-summary">{event.summary}</span>
    </button>
  );
}

/** j and k go through the rows while one is open, or open the first. */
function useRowKeys(
  rows: readonly ListedEvent[],
  openId: string | null,
  open: (eventId: string) => void,
): void {
  useEffect(() => {
    function onKey({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void {
      if ((key !== 'j' && key !== 'k') || ctrlKey || metaKey || altKey) return;
      if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return;
      const at = rows.findIndex(({ eventId }) => eventId === openId);
      const next = rows[at < 0 ? 0 : at + (key === 'j' ? 1 : -1)];
      if (next !== undefined) open(next.eventId);
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [rows, openId, open]);
}
