import { useQuery } from '@tanstack/react-query';

import type { KeptWindow } from '../../contracts/maintenance-window.ts';
import type { Page } from '../api/answers.ts';
import { useApp } from '../app-context.tsx';

const everyMs = 5_000;

export interface WindowTime {
  readonly start: string;
  readonly end: string;
}

/** A window as REST answers it: with the time that goes on, if one does, and the next ones. */
export interface ListedWindow extends Omit<KeptWindow, 'changedAtMs' | 'endedMs'> {
  readonly changedAt: string | null;
  readonly endedAt: string | null;
  readonly times: readonly WindowTime[];
}

export function useListedWindows() {
  const { api } = useApp();
  return useQuery({
    queryKey: ['/windows'],
    queryFn: ({ signal }) => api.get<Page<ListedWindow>>('/windows', {}, signal),
    refetchInterval: everyMs,
  });
}

/** When a window would be that is not kept; fails with what is wrong with it. */
export function useWindowPreview(window: object) {
  const { api } = useApp();
  return useQuery({
    queryKey: ['/windows/preview', window],
    queryFn: ({ signal }) =>
      api.post<{ readonly times: readonly WindowTime[] }>('/windows/preview', window, signal),
    retry: false,
  });
}

/** What is posted to plan it as it is. */
export function plannedBody(window: ListedWindow): object {
  const {
    version: _version,
    changedBy: _by,
    changedAt: _at,
    endedAt: _ended,
    times: _times,
    ...planned
  } = window;
  return planned;
}
