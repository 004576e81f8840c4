import { decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';

import type { SimulateReport } from '../../simulator/simulate.ts';

/** Until durable at the door: from the intended send, and from when the request began. */
export interface DoorQuantiles {
  readonly corrected: Quantiles;
  readonly raw: Quantiles;
}

/** Latencies in milliseconds. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What was recorded between two states of the same histogram, both as a pipeline gives them. */
export function recordedBetween(before: string | undefined, after: string): Histogram {
  const histogram = decodeFromCompressedBase64(after);
  if (before !== undefined) histogram.subtract(decodeFromCompressedBase64(before));
  return histogram;
}

export function quantilesOf(histogram: Histogram): Quantiles {
  const at = (percent: number): number => histogram.getValueAtPercentile(percent);
  return {
    count: histogram.totalCount,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    // After a subtraction the histogram's own maximum is that of before.
    max: histogram.totalCount === 0 ? 0 : at(100),
  };
}

/** Of what a generator sent. */
export function doorOf({ doorLatency }: Pick<SimulateReport, 'doorLatency'>): DoorQuantiles {
  return {
    corrected: quantilesOf(recordedBetween(undefined, doorLatency.corrected)),
    raw: quantilesOf(recordedBetween(undefined, doorLatency.raw)),
  };
}
