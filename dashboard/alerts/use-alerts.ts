import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { AlertStats, Device, ListedAlert, Page } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';
import { useApp } from '../app-context.tsx';
import type { InboxState } from './inbox-state.ts';

const everyMs = 3_000;
export const inboxRows = 50;

/** How many alerts there are: what the overview and the inbox both show. */
export function useAlertStats(): UseQueryResult<AlertStats> {
  return usePoll<AlertStats>({ path: '/alerts/stats', key: [], params: () => ({}), everyMs });
}

/** The page of the ranked list that the state asks for. */
export function useInbox({ status, search, cursor }: InboxState): UseQueryResult<Page<ListedAlert>> {
  return usePoll<Page<ListedAlert>>({
    path: '/alerts',
    key: [status, search, cursor],
    params: () => ({ statuses: status, search, cursor, limit: inboxRows }),
    everyMs,
  });
}

export function useAlert(alertId: string): UseQueryResult<ListedAlert> {
  return usePoll<ListedAlert>({
    path: `/alerts/${encodeURIComponent(alertId)}`,
    key: [],
    params: () => ({}),
    everyMs,
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
