import type { UseQueryResult } from '@tanstack/react-query';

import type { EventStats } from '../api/answers.ts';
import { isoTime, usePoll } from '../api/use-poll.ts';

export const recentMs = 30_000;
const hourMs = 3_600_000;

/** All events of the last 30 seconds; `total` over 30 is the rate now. */
export function useRecentRate(): UseQueryResult<EventStats> {
  return usePoll<EventStats>({
    path: '/events/stats',
    key: ['recent'],
    params: (nowMs) => ({ from: isoTime(nowMs - recentMs), to: isoTime(nowMs), bucket: '5s' }),
    everyMs: 2_000,
  });
}

/** Errors and worse of the last hour. */
export function useRecentErrors(): UseQueryResult<EventStats> {
  return usePoll<EventStats>({
    path: '/events/stats',
    key: ['errors'],
    params: (nowMs) => ({
      from: isoTime(nowMs - hourMs),
      to: isoTime(nowMs),
      bucket: '1m',
      severities: ['ERROR', 'CRITICAL'],
    }),
    everyMs: 5_000,
  });
}
