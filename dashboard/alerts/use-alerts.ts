import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';

import type { AlertStats, Device, ListedAlert, Page } from '../api/answers.ts';
import { useLive } from '../api/live-context.tsx';
import { usePoll } from '../api/use-poll.ts';
import { useApp } from '../app-context.tsx';
import { followAlerts } from './follow-alerts.ts';
import type { InboxState } from './inbox-state.ts';

/** Where changes are told, as on the pages about alerts; asking again is for what was missed. */
const toldEveryMs = 30_000;
const everyMs = 3_000;
export const inboxRows = 50;

/** How many alerts there are: what the overview and the inbox both show. */
export function useAlertStats({ told = false } = {}): UseQueryResult<AlertStats> {
  return usePoll<AlertStats>({
    path: '/alerts/stats',
    key: [],
    params: () => ({}),
    everyMs: told ? toldEveryMs : everyMs,
  });
}

/** Asks for everything about alerts again when one came or changed, unless the page is paused. */
export function useAlertChanges(): void {
  const queries = useQueryClient();
  const { paused } = useLive();
  useEffect(() => {
    if (paused) return;
    return followAlerts(() => {
      void queries.invalidateQueries({
        predicate: ({ queryKey: [path] }) => typeof path === 'string' && path.startsWith('/alerts'),
      });
    });
  }, [queries, paused]);
}

/** The page of the ranked list that the state asks for. */
export function useInbox({ status, search, cursor }: InboxState): UseQueryResult<Page<ListedAlert>> {
  return usePoll<Page<ListedAlert>>({
    path: '/alerts',
    key: [status, search, cursor],
    params: () => ({ statuses: status, search, cursor, limit: inboxRows }),
    everyMs: toldEveryMs,
  });
}

export function useAlert(alertId: string): UseQueryResult<ListedAlert> {
  return usePoll<ListedAlert>({
    path: `/alerts/${encodeURIComponent(alertId)}`,
    key: [],
    params: () => ({}),
    everyMs: toldEveryMs,
    keepFormer: false,
  });
}

/** What people call the device and its organization; what is not known is null. Read once for each device. */
export function useDeviceNames(alert: Pick<ListedAlert, 'deviceId' | 'organizationId'>): {
  readonly device: string | null;
  readonly organization: string | null;
} {
  const { api } = useApp();
  const { deviceId, organizationId } = alert;
  const { data } = useQuery({
    queryKey: ['/devices/one', deviceId],
    queryFn: ({ signal }) => api.get<Device>(`/devices/${encodeURIComponent(deviceId ?? '')}`, {}, signal),
    enabled: deviceId !== null,
    staleTime: 300_000,
    retry: false,
  });
  return {
    device: data?.hostname ?? deviceId,
    organization: data?.organizationName ?? organizationId,
  };
}
