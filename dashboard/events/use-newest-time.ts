import type { ListedEvent, Page } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';

/** The event time of the newest event of all, null where there is none, undefined before the answer. */
export function useNewestTime(): number | null | undefined {
  const { data } = usePoll<Page<ListedEvent>>({
    path: '/events',
    key: ['newest time'],
    params: () => ({ limit: 1 }),
    everyMs: 5_000,
  });
  if (data === undefined) return undefined;
  const newest = data.items[0];
  return newest === undefined ? null : Date.parse(newest.eventTime);
}
