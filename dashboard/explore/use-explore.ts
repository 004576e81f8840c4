import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';

import type { Params } from '../api/client.ts';
import { useLive } from '../api/live-context.tsx';
import { isoTime } from '../api/use-poll.ts';
import { useApp } from '../app-context.tsx';
import { useGo, useSearchText } from '../shell/address.tsx';
import {
  exploreRanges,
  type ExploreState,
  type ExploreWindow,
  filterParams,
  parseExplore,
  printExplore,
  windowOf,
} from './explore-state.ts';

export type ChangeExplore = (patch: Partial<ExploreState>) => void;

/** The state in the address. A change is a step in the history. */
export function useExploreState(): readonly [ExploreState, ChangeExplore] {
  const text = useSearchText();
  const go = useGo();
  const state = useMemo(() => parseExplore(text), [text]);
  const change = useCallback(
    (patch: Partial<ExploreState>) => {
      const next = printExplore({ ...parseExplore(text), ...patch });
      if (next !== text) go(`/explore${next}`);
    },
    [go, text],
  );
  return [state, change];
}

/**
 * The window that all parts of the page ask for, so that their numbers agree: it moves on all at once, and not
 * while the page is paused, hidden, or `held` because somebody reads on.
 */
export function useExploreWindow(state: ExploreState, held: boolean): ExploreWindow {
  const { nowMs } = useApp();
  const { paused } = useLive();
  const [asOfMs, setAsOf] = useState(nowMs);
  const { refreshMs } = exploreRanges[state.range];
  const still = paused || held || state.zoom !== null;
  useEffect(() => {
    if (still) return;
    const move = (): void => {
      if (!document.hidden) setAsOf(nowMs());
    };
    const timer = setInterval(move, refreshMs);
    return () => clearInterval(timer);
  }, [still, refreshMs, nowMs]);
  const { range, zoom } = state;
  return useMemo(() => windowOf({ range, zoom }, asOfMs), [range, zoom, asOfMs]);
}

/** The question of a state and a window, as every route about events takes it. */
export function questionParams(state: ExploreState, { fromMs, toMs }: ExploreWindow): Params {
  return { ...filterParams(state), from: isoTime(fromMs), to: isoTime(toMs) };
}

/** One answer; the former one stays until it is there. */
export function useAnswer<T>(path: string, params: Params): UseQueryResult<T> {
  const { api } = useApp();
  return useQuery<T>({
    queryKey: [path, params],
    queryFn: ({ signal }) => api.get<T>(path, params, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
}
