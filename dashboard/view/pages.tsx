export interface PagesProps {
  /** Where this page begins; null on the first. */
  readonly cursor: string | null;
  readonly nextCursor: string | null;
  /** Rows of a page. */
  readonly rows: number;
  readonly className: string;
  /** Null turns to the first page. */
  readonly onTurn: (cursor: string | null) => void;
}

/** The way to the first and the next page of a list; nothing where one page holds all. */
export function Pages({ cursor, nextCursor, rows, className, onTurn }: PagesProps): React.ReactNode {
  if (cursor === null && nextCursor === null) return null;
  return (
    <footer className={className}>
      <button
        type="button"
        className="button button-small"
        disabled={cursor === null}
        onClick={() => onTurn(null)}
      >
        First page
      </button>
      <button
        type="button"
        className="button button-small"
        disabled={nextCursor === null}
        onClick={() => onTurn(nextCursor)}
      >
        Next {rows}
      </button>
    </footer>
  );
}
