import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { ListedEvent } from '../api/answers.ts';
import { useApp } from '../app-context.tsx';

/** All that is stored of one event: asked once, since it does not change. */
export function useWholeEvent(eventId: string): UseQueryResult<ListedEvent> {
  const { api } = useApp();
  return useQuery({
    queryKey: ['/events/one', eventId],
    queryFn: ({ signal }) => api.get<ListedEvent>(`/events/${encodeURIComponent(eventId)}`, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
}
