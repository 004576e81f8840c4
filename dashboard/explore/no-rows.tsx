import type { Completeness } from '../../contracts/completeness.ts';
import { useNow, usePreferences } from '../app-context.tsx';
import { Blank, FilteredOut, NothingYet } from '../blanks/blank.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { Unanswered } from '../blanks/unanswered.tsx';
import { useNewestTime } from '../events/use-newest-time.ts';
import { formatAgo, formatExact } from '../format/format-time.ts';
import { isNarrowed, noFilters } from './explore-state.ts';
import type { Question } from './question.ts';

interface NoRowsProps extends Question {
  /** What the empty answer says of itself. */
  readonly of: Completeness | undefined;
}

/** Why there are no rows: the filters, or they are late, or nothing came in this time, or nothing ever. */
export function NoRows({ state, change, of }: NoRowsProps): React.ReactNode {
  const { newestMs, error, retry } = useNewestTime();
  const nowMs = useNow(5_000);
  const [{ zone }] = usePreferences();
  if (isNarrowed(state)) return <FilteredOut what="events" onClear={() => change(noFilters)} />;
  if (isLate(of)) return <LateRows what="events" of={of} />;
  if (newestMs === undefined) {
    return <Unanswered rows={4} rowHeight={32} what="the newest event" error={error} onRetry={retry} />;
  }
  if (newestMs === null) return <NothingYet />;
  const around = { fromMs: newestMs - 1_800_000, toMs: newestMs + 60_000 };
  return (
    <Blank
      title="Nothing came in this time"
      action={
        <button type="button" className="button" onClick={() => change({ zoom: around })}>
          Show the newest
        </button>
      }
    >
      <p>
        The newest event is of <time title={formatExact(newestMs, zone)}>{formatAgo(newestMs, nowMs)}</time>.
        Agents may be off, or late: what they kept appears here once they send it.
      </p>
    </Blank>
  );
}
