import type { ListedEvent, Page } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';

export interface NewestTime {
  /** The event time of the newest event of all, null where there is none, undefined before the answer. */
  readonly newestMs: number | null | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

export function useNewestTime(): NewestTime {
  const { data, error, refetch } = usePoll<Page<ListedEvent>>({
    path: '/events',
    key: ['newest time'],
    params: () => ({ limit: 1 }),
    everyMs: 5_000,
  });
  const retry = (): void => void refetch();
  if (data === undefined) return { newestMs: undefined, error, retry };
  const newest = data.items[0];
  return { newestMs: newest === undefined ? null : Date.parse(newest.eventTime), error, retry };
}
