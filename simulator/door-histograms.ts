import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';

import type { DoorLatency } from './tenant-sender.ts';

const longestMs = 3_600_000;
const options = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: longestMs,
  numberOfSignificantValueDigits: 2,
} as const;

/** Latencies up to here are counted in a table first: a histogram's own counting costs more than the event. */
const tableMs = 16_384;

/** How long events took at the door, in two HDR histograms (http://hdrhistogram.org), milliseconds. */
export class DoorHistograms implements DoorLatency {
  readonly #corrected = new CountedHistogram();
  readonly #raw = new CountedHistogram();

  record(dueMs: Float64Array, requestMs: number, nowMs: number): void {
    for (const due of dueMs) this.#corrected.record(nowMs - due, 1);
    this.#raw.record(nowMs - requestMs, dueMs.length);
  }

  reset(): void {
    this.#corrected.reset();
    this.#raw.reset();
  }

  /** In the compressed form of version 2, base64. */
  encoded(): { readonly corrected: string; readonly raw: string } {
    return { corrected: this.#corrected.encoded(), raw: this.#raw.encoded() };
  }
}

class CountedHistogram {
  readonly #counts = new Uint32Array(tableMs);
  readonly #histogram = build(options);

  record(latencyMs: number, count: number): void {
    const wholeMs = Math.max(1, Math.round(latencyMs));
    if (wholeMs < tableMs) this.#counts[wholeMs] = (this.#counts[wholeMs] ?? 0) + count;
    else this.#histogram.recordValueWithCount(Math.min(wholeMs, longestMs), count);
  }

  reset(): void {
    this.#counts.fill(0);
    this.#histogram.reset();
  }

  encoded(): string {
    this.#counts.forEach((count, latencyMs) => {
      if (count > 0) this.#histogram.recordValueWithCount(latencyMs, count);
    });
    this.#counts.fill(0);
    return encodeIntoCompressedBase64(this.#histogram);
  }
}
