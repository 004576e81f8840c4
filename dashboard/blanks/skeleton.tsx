import './blank.css';

export interface SkeletonProps {
  readonly rows: number;
  readonly rowHeight: number;
}

/** Grey rows of the size that the answer will have, so that nothing moves when it comes. */
export function Skeleton({ rows, rowHeight }: SkeletonProps): React.ReactNode {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row" style={{ height: rowHeight }}>
          <span style={{ width: `${55 + ((row * 37) % 40)}%` }} />
        </div>
      ))}
    </div>
  );
}
