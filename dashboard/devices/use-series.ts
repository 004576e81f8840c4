import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { MetricSeriesAnswer } from '../api/answers.ts';
import { isoTime } from '../api/use-poll.ts';
import { useLive } from '../api/live-context.tsx';
import { useApp } from '../app-context.tsx';
import { grow, type GrownSeries, nextQuestion, type SeriesSpan } from './growing-series.ts';

export interface SeriesPoll extends SeriesSpan {
  /** Measurements, asked for one after the other: what reads many samples leaves room for others' questions. */
  readonly names: readonly string[];
  readonly deviceIds: readonly string[];
  /** The buckets' width as the API takes it. */
  readonly bucket: string;
  readonly agg: string;
  readonly everyMs: number;
  /** Show the former devices' answer until the new one is there. */
  readonly keepFormer: boolean;
}

/** Before what is left is asked for. */
const soonMs = 250;

/**
 * Series of devices over a time that ends now, by `names`: asked for as a whole at first and every two minutes, in
 * between only from where they may have changed. Rests while the page is paused or its tab is hidden.
 */
export function useSeries(poll: SeriesPoll): UseQueryResult<readonly GrownSeries[]> {
  const { api, nowMs } = useApp();
  const { paused } = useLive();
  const { names, deviceIds, spanMs, bucket, agg, everyMs } = poll;
  return useQuery<readonly GrownSeries[]>({
    queryKey: ['series', names, deviceIds, spanMs, bucket, agg],
    async queryFn({ client, queryKey, signal }) {
      const former = client.getQueryData<readonly GrownSeries[]>(queryKey);
      const grown: GrownSeries[] = [];
      for (const [i, name] of names.entries()) {
        const question = nextQuestion(former?.[i], poll, nowMs());
        const from = isoTime(question.fromMs);
        const params = { name, deviceIds, from, to: isoTime(question.toMs), bucket, agg };
        const answer = await api.get<MetricSeriesAnswer>('/metrics/series', params, signal);
        grown.push(grow(former?.[i], question, answer, poll));
      }
      return grown;
    },
    refetchInterval({ state: { data, error } }) {
      const isPart = data?.some(({ wholeAtMs }) => wholeAtMs === null) ?? false;
      if (isPart && error === null) return soonMs;
      return paused ? false : everyMs;
    },
    enabled: deviceIds.length > 0,
    ...(poll.keepFormer ? { placeholderData: keepPreviousData } : {}),
  });
}
