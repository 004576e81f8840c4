import { describe, expect, it } from 'vitest';

import { grow, nextQuestion, type GrownSeries } from './growing-series.ts';

const span = { spanMs: 300_000, bucketMs: 5_000 };
const nowMs = 1_000_000;
const whole: GrownSeries = { answer: { series: [] }, toMs: nowMs, wholeAtMs: nowMs };

function cpuOf(deviceId: string, points: readonly (readonly [number, number])[]) {
  return { deviceId, labels: {}, points };
}

describe('nextQuestion', () => {
  it('is all of the span at first, or its newest part and then all of it', () => {
    expect(nextQuestion(undefined, span, nowMs)).toEqual({ fromMs: 700_000, toMs: nowMs, isWhole: true });
    const newest = nextQuestion(undefined, { ...span, newestFirst: true }, nowMs);
    expect(newest).toEqual({ fromMs: 970_000, toMs: nowMs, isWhole: false });
    const first = grow(undefined, newest, { series: [] }, span);
    expect(nextQuestion(first, { ...span, newestFirst: true }, nowMs + 100).isWhole).toBe(true);
  });

  it('is what may have changed since, from the start of a bucket, and all of it now and then', () => {
    const next = nextQuestion(whole, span, nowMs + 4_001);
    expect(next).toEqual({ fromMs: 970_000, toMs: nowMs + 4_001, isWhole: false });
    expect(nextQuestion({ ...whole, toMs: nowMs + 119_000 }, span, nowMs + 120_000).isWhole).toBe(true);
  });

  it('is all of it where the former is too old, of later, or the span as short as what may change', () => {
    expect(nextQuestion(whole, span, nowMs + 400_000).isWhole).toBe(true);
    expect(nextQuestion(whole, span, nowMs - 1).isWhole).toBe(true);
    expect(nextQuestion(whole, { spanMs: 20_000, bucketMs: 5_000 }, nowMs).isWhole).toBe(true);
  });
});

describe('grow', () => {
  it('replaces what was asked for again, keeps what is before it, and lets go what left the span', () => {
    const series = [
      cpuOf('d1', [
        [699_999, 0.1],
        [965_000, 0.2],
        [970_000, 0.3],
      ]),
      cpuOf('d2', [[700_000, 0.4]]),
    ];
    const newer = [cpuOf('d3', [[970_000, 0.6]]), cpuOf('d1', [[970_000, 0.5]])];
    const question = { fromMs: 970_000, toMs: nowMs + 5_000, isWhole: false };
    const grown = grow({ ...whole, answer: { series } }, question, { series: newer }, span);
    expect(grown.answer.series).toEqual([
      cpuOf('d1', [
        [965_000, 0.2],
        [970_000, 0.5],
      ]),
      cpuOf('d3', [[970_000, 0.6]]),
    ]);
    expect(grown).toMatchObject({ toMs: nowMs + 5_000, wholeAtMs: nowMs });
  });

  it('tells the series of a device apart by their labels', () => {
    const used = { deviceId: 'd1', labels: { state: 'used' }, points: [[970_000, 1]] as const };
    const question = { fromMs: 970_000, toMs: nowMs, isWhole: false };
    const former = { ...whole, answer: { series: [cpuOf('d1', [[960_000, 0.1]])] } };
    expect(grow(former, question, { series: [used] }, span).answer.series).toHaveLength(2);
  });

  it('gives what all answers together would have given at once', () => {
    const all = Array.from({ length: 400 }, (_, i) => [500_000 + i * 2_500, i] as const);
    const answerTo = (question: { readonly fromMs: number; readonly toMs: number }) => {
      const points = all.filter(([timeMs]) => timeMs >= question.fromMs && timeMs < question.toMs);
      return { series: [cpuOf('d1', points)] };
    };
    let former: GrownSeries | undefined;
    for (let atMs = nowMs; atMs < nowMs + 200_000; atMs += 4_100) {
      const question = nextQuestion(former, { ...span, newestFirst: true }, atMs);
      former = grow(former, question, answerTo(question), span);
      if (former.wholeAtMs === null) continue;
      const points = former.answer.series[0]?.points.filter(([timeMs]) => timeMs >= atMs - span.spanMs);
      expect(points).toEqual(all.filter(([timeMs]) => timeMs >= atMs - span.spanMs && timeMs < atMs));
    }
  });
});
