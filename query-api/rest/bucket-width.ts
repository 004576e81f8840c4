import type { OpenFrameError } from '../../contracts/errors.ts';
import { formatDuration } from './parameters.ts';
import { fieldFault } from './parse-request.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Widths that people read easily, ascending. */
const widthsMs = [
  secondMs,
  5 * secondMs,
  10 * secondMs,
  30 * secondMs,
  minuteMs,
  5 * minuteMs,
  10 * minuteMs,
  30 * minuteMs,
  hourMs,
  3 * hourMs,
  6 * hourMs,
  12 * hourMs,
  dayMs,
  7 * dayMs,
  30 * dayMs,
];

/** Most buckets of an answer. */
const bucketLimit = 10_000;

/** The narrowest width that people read easily and that gives at most `maxBuckets` over the time. */
export function chooseBucketMs(fromMs: number, toMs: number, maxBuckets: number): number {
  const lengthMs = toMs - fromMs;
  return (
    widthsMs.find((widthMs) => lengthMs / widthMs <= maxBuckets) ??
    Math.ceil(lengthMs / maxBuckets / dayMs) * dayMs
  );
}

/** Throws `QUERY_INVALID`, naming a width that would do, where the time holds more buckets than are answered. */
export function requireBucketCount(fromMs: number, toMs: number, bucketMs: number): void {
  if ((toMs - fromMs) / bucketMs > bucketLimit) throw bucketFault(fromMs, toMs, bucketMs);
}

/** The refusal of a width that makes too many buckets over the time, with one that would do. */
export function bucketFault(fromMs: number, toMs: number, bucketMs: number): OpenFrameError {
  const buckets = Math.ceil((toMs - fromMs) / bucketMs);
  const suggestion = formatDuration(chooseBucketMs(fromMs, toMs, bucketLimit));
  return fieldFault(
    'bucket',
    formatDuration(bucketMs),
    `must be wider: it makes ${buckets} buckets from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}, and at most ${bucketLimit} are answered; use ${suggestion}, or bring from and to nearer`,
  );
}
