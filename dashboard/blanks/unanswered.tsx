import { useAway } from '../app-context.tsx';
import { Failed, type FailedProps } from './blank.tsx';
import { Skeleton, type SkeletonProps } from './skeleton.tsx';

/**
 * In place of an answer that has not come: what went wrong once the question failed, else rows of the size that it will
 * have. While the platform is away the header says so, and nothing else does.
 */
export function Unanswered({
  rows,
  rowHeight,
  error,
  ...failed
}: FailedProps & SkeletonProps): React.ReactNode {
  const away = useAway();
  if (error === null || away) return <Skeleton rows={rows} rowHeight={rowHeight} />;
  return <Failed error={error} {...failed} />;
}
