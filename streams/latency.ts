import { build, type Histogram } from 'hdr-histogram-js';

const windowMs = 30_000;

/** Latencies of the last 30 to 60 s in an HDR histogram (http://hdrhistogram.org), two digits exact. */
export class LatencyMeter {
  #current = newHistogram();
  #previous = newHistogram();
  #startedMs = 0;

  record(latencyMs: number, nowMs: number): void {
    this.#rotate(nowMs);
    this.#current.recordValue(Math.min(Math.max(1, Math.round(latencyMs)), 3_600_000));
  }

  percentiles(nowMs: number): { p50: number; p99: number; max: number } {
    this.#rotate(nowMs);
    const both = newHistogram();
    both.add(this.#previous);
    both.add(this.#current);
    if (both.totalCount === 0) return { p50: 0, p99: 0, max: 0 };
    return {
      p50: both.getValueAtPercentile(50),
      p99: both.getValueAtPercentile(99),
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
