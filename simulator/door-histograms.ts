import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';

import type { DoorLatency } from './tenant-sender.ts';

const longestMs = 3_600_000;
const options = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: longestMs,
  numberOfSignificantValueDigits: 2,
} as const;

/** How long events took at the door, in two HDR histograms (http://hdrhistogram.org), milliseconds. */
export class DoorHistograms implements DoorLatency {
  readonly #corrected = build(options);
  readonly #raw = build(options);

  record(sinceDueMs: number, sinceRequestMs: number): void {
    this.#corrected.recordValue(bounded(sinceDueMs));
    this.#raw.recordValue(bounded(sinceRequestMs));
  }

  reset(): void {
    this.#corrected.reset();
    this.#raw.reset();
  }

  /** In the compressed form of version 2, base64. */
  encoded(): { readonly corrected: string; readonly raw: string } {
    return {
      corrected: encodeIntoCompressedBase64(this.#corrected),
      raw: encodeIntoCompressedBase64(this.#raw),
    };
  }
}

function bounded(latencyMs: number): number {
  return Math.min(Math.max(1, Math.round(latencyMs)), longestMs);
}
