import { OpenFrameError } from '../../contracts/errors.ts';

/** An answer with more buckets than this serves nobody. */
export const bucketLimit = 10_000;

/** The start of an event's bucket. Pinot divides in doubles, which are exact for every moment of ours. */
export function bucketSql(bucketMs: number): string {
  return `FLOOR(event_time / ${bucketMs}) * ${bucketMs}`;
}

/** Throws `QUERY_INVALID`. */
export function checkBucket(bucketMs: number): void {
  if (bucketMs >= 1 && Number.isSafeInteger(bucketMs)) return;
  throw new OpenFrameError(
    'QUERY_INVALID',
    'The bucket is not a whole number of milliseconds above 0: choose one.',
    { details: { field: 'bucket' } },
  );
}

export function tooManyBuckets(): OpenFrameError {
  return new OpenFrameError(
    'QUERY_INVALID',
    `The answer has more than ${bucketLimit} buckets: choose a wider bucket or a shorter range.`,
    { details: { field: 'bucket', limit: bucketLimit } },
  );
}
