import { useMemo } from 'react';

import type { ListedEvent, Page } from '../api/answers.ts';
import { isoTime, usePoll } from '../api/use-poll.ts';
import { lifeWordOf } from './life.ts';

/** It is told once a day as long as it goes on. */
const spanMs = 25 * 3_600_000;

/** Devices as which two machines report: one question for all rows, however many ask. */
export function useCloned(): ReadonlySet<string> {
  const { data } = usePoll<Page<ListedEvent>>({
    path: '/events',
    key: ['cloned'],
    params: (nowMs) => ({
      eventTypes: ['DEVICE_UPDATED'],
      severities: ['WARNING'],
      toolTypes: ['OPENFRAME'],
      from: isoTime(nowMs - spanMs),
      limit: 200,
    }),
    everyMs: 15_000,
  });
  return useMemo(() => {
    const told = (data?.items ?? []).filter((event) => lifeWordOf(event) === 'cloned');
    return new Set(told.flatMap(({ deviceId }) => (deviceId === null ? [] : [deviceId])));
  }, [data]);
}
