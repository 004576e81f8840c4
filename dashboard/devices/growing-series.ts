import type { MetricSeriesAnswer } from '../api/answers.ts';

type Series = MetricSeriesAnswer['series'][number];

/** What a chart shows: a time that ends now, in buckets. */
export interface SeriesSpan {
  readonly spanMs: number;
  readonly bucketMs: number;
  /** Ask for the newest buckets before all of them: many devices have many samples to read. */
  readonly newestFirst?: boolean;
}

/** Series up to `toMs`, as they were answered whole and have grown since. */
export interface GrownSeries {
  readonly answer: MetricSeriesAnswer;
  readonly toMs: number;
  /** When all of the span was asked for; null where only its newest part was. */
  readonly wholeAtMs: number | null;
}

export interface SeriesQuestion {
  readonly fromMs: number;
  readonly toMs: number;
  readonly isWhole: boolean;
}

/** Most samples are stored so long after they were taken. */
const settleMs = 30_000;
/** What comes later than that is seen when all is asked for again. */
const wholeEveryMs = 120_000;

/** What to ask for next: what may have changed since, and all of it now and then. Begins where a bucket does. */
export function nextQuestion(
  former: GrownSeries | undefined,
  { spanMs, bucketMs, newestFirst = false }: SeriesSpan,
  nowMs: number,
): SeriesQuestion {
  const startOf = (timeMs: number): number => Math.floor(timeMs / bucketMs) * bucketMs;
  const spanStartMs = startOf(nowMs - spanMs);
  const fromMs = startOf((former?.toMs ?? nowMs) - settleMs);
  const isGrowing = former === undefined ? newestFirst : isRecent(former, nowMs);
  const isWhole = !isGrowing || fromMs <= spanStartMs;
  return { fromMs: isWhole ? spanStartMs : fromMs, toMs: nowMs, isWhole };
}

function isRecent({ toMs, wholeAtMs }: GrownSeries, nowMs: number): boolean {
  return wholeAtMs !== null && nowMs >= toMs && nowMs - wholeAtMs < wholeEveryMs;
}

/** The series with an answer to `nextQuestion`: its points stand for all from its start on, older ones leave the span. */
export function grow(
  former: GrownSeries | undefined,
  { fromMs, toMs, isWhole }: SeriesQuestion,
  answer: MetricSeriesAnswer,
  { spanMs, bucketMs }: SeriesSpan,
): GrownSeries {
  if (isWhole || former === undefined) return { answer, toMs, wholeAtMs: isWhole ? toMs : null };
  const series = new Map<string, Series>();
  for (const one of former.answer.series) {
    const points = one.points.filter(([timeMs]) => timeMs > toMs - spanMs - bucketMs && timeMs < fromMs);
    series.set(identityOf(one), { ...one, points });
  }
  for (const one of answer.series) {
    const before = series.get(identityOf(one))?.points ?? [];
    series.set(identityOf(one), { ...one, points: [...before, ...one.points] });
  }
  const kept = [...series.values()].filter(({ points }) => points.length > 0);
  return { answer: { ...answer, series: kept }, toMs, wholeAtMs: former.wholeAtMs };
}

function identityOf({ deviceId, labels }: Series): string {
  return JSON.stringify([deviceId, labels]);
}
