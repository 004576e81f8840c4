import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';

import { useApp } from '../app-context.tsx';
import type { Params } from './client.ts';
import { useLive } from './live-context.tsx';

interface Poll {
  readonly path: string;
  /** Made anew for each call, as moments in it move. */
  readonly params: (nowMs: number) => Params;
  /** What tells one question from another, moments that merely move left out. */
  readonly key: readonly unknown[];
  readonly everyMs: number;
  /** Show the former question's answer until the new one is there. Default true. */
  readonly keepFormer?: boolean;
  readonly enabled?: boolean;
}

/** Asks again every `everyMs`; rests while the page is paused or its tab is hidden. */
export function usePoll<T>(poll: Poll): UseQueryResult<T> {
  const { api, nowMs } = useApp();
  const { paused } = useLive();
  return useQuery<T>({
    queryKey: [poll.path, ...poll.key],
    queryFn: ({ signal }) => api.get<T>(poll.path, poll.params(nowMs()), signal),
    refetchInterval: paused ? false : poll.everyMs,
    enabled: poll.enabled ?? true,
    ...(poll.keepFormer === false ? {} : { placeholderData: keepPreviousData }),
  });
}

/** A moment as the API takes it. */
export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
