import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

const windowMs = 30_000;

/** Latencies in HDR histograms (http://hdrhistogram.org), milliseconds, two digits exact: recent ones, and all. */
export class LatencyMeter {
  #current = newHistogram();
  #previous = newHistogram();
  readonly #all = newHistogram();
  #startedMs = 0;

  /** `count` records had this latency. */
  record(latencyMs: number, nowMs: number, count = 1): void {
    this.#rotate(nowMs);
    const bounded = Math.min(Math.max(1, Math.round(latencyMs)), 3_600_000);
    this.#current.recordValueWithCount(bounded, count);
    this.#all.recordValueWithCount(bounded, count);
  }

  /** Everything since the start, in the compressed form of HdrHistogram's version 2, base64. */
  histogram(): string {
    return encodeIntoCompressedBase64(this.#all);
  }

  /** Of the last 30 to 60 s. */
  percentiles(nowMs: number): { p50: number; p99: number; p999: number; max: number } {
    this.#rotate(nowMs);
    const both = newHistogram();
    both.add(this.#previous);
    both.add(this.#current);
    if (both.totalCount === 0) return { p50: 0, p99: 0, p999: 0, max: 0 };
    return {
      p50: both.getValueAtPercentile(50),
      p99: both.getValueAtPercentile(99),
      p999: both.getValueAtPercentile(99.9),
      max: both.maxValue,
    };
  }

  #rotate(nowMs: number): void {
    if (nowMs - this.#startedMs < windowMs) return;
    const stale = nowMs - this.#startedMs >= 2 * windowMs;
    this.#previous = stale ? newHistogram() : this.#current;
    this.#current = newHistogram();
    this.#startedMs = nowMs;
  }
}

function newHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000,
    numberOfSignificantValueDigits: 2,
  });
}
