import type { MetricSeriesAnswer } from '../api/answers.ts';

export interface AlignedSeries {
  readonly timesMs: readonly number[];
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

const shownSeries = 6;

/** Several series on one axis of time: null where one has no point. At most six, in the order of their labels. */
export function alignSeries(given: MetricSeriesAnswer['series']): AlignedSeries {
  const timesMs = [...new Set(given.flatMap(({ points }) => points.map(([timeMs]) => timeMs)))].sort(
    (a, b) => a - b,
  );
  const series = given
    .map(({ labels, points }) => {
      const byTime = new Map(points);
      return {
        label: Object.values(labels).join(' '),
        values: timesMs.map((timeMs) => byTime.get(timeMs) ?? null),
      };
    })
    .sort((a, b) => (a.label < b.label ? -1 : 1))
    .slice(0, shownSeries);
  return { timesMs, series };
}
