import type { UseQueryResult } from '@tanstack/react-query';

import type { Device, FacetValue, Page } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';
import type { View } from '../view/view.ts';

const devicesPerPage = 15;

/** One page of the devices that the view asks for. */
export function useDevices({ deviceSearch, deviceStatus, deviceCursor }: View): UseQueryResult<Page<Device>> {
  return usePoll<Page<Device>>({
    path: '/devices',
    key: [deviceSearch, deviceStatus, deviceCursor],
    params: () => ({
      search: deviceSearch,
      status: deviceStatus,
      cursor: deviceCursor,
      limit: devicesPerPage,
    }),
    everyMs: 5_000,
  });
}

export interface DeviceCounts {
  readonly online: number;
  readonly total: number;
}

/** How many devices there are, whatever is filtered. */
export function useDeviceCounts(): { counts: DeviceCounts | undefined; query: UseQueryResult<DeviceFacets> } {
  const query = usePoll<DeviceFacets>({
    path: '/devices/facets',
    key: [],
    params: () => ({}),
    everyMs: 5_000,
  });
  return { counts: query.data === undefined ? undefined : countDevices(query.data), query };
}

interface DeviceFacets {
  readonly facets: { readonly status: readonly FacetValue[] };
}

function countDevices({ facets: { status } }: DeviceFacets): DeviceCounts {
  const total = status.reduce((sum, { count }) => sum + count, 0);
  return { online: status.find(({ value }) => value === 'ONLINE')?.count ?? 0, total };
}
