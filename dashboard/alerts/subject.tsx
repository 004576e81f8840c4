import type { ListedAlert } from '../api/answers.ts';
import { useAway } from '../app-context.tsx';
import { Failed } from '../blanks/blank.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { severityLabels } from '../events/severity-filter.tsx';
import { SeverityMark } from '../events/severity-mark.tsx';
import { PageLink } from '../shell/address.tsx';
import { alertPath } from '../shell/pages.ts';

interface SubjectTitleProps {
  readonly subject: Pick<ListedAlert, 'severity' | 'title'> | undefined;
  /** What it is called until it is there. */
  readonly word: string;
}

/** The heading of a page about an alert or an incident. */
export function SubjectTitle({ subject, word }: SubjectTitleProps): React.ReactNode {
  return (
    <h1>
      {subject === undefined ? (
        word
      ) : (
        <>
          <SeverityMark severity={subject.severity} />{' '}
          <span className="visually-hidden">{severityLabels[subject.severity]}: </span>
          {subject.title}
        </>
      )}
    </h1>
  );
}

interface SubjectMissingProps {
  readonly what: string;
  readonly rows: number;
  readonly rowHeight: number;
  readonly error: Error | null;
  readonly onRetry: () => void;
}

/** In place of what has not come yet, or cannot come. */
export function SubjectMissing({
  what,
  rows,
  rowHeight,
  error,
  onRetry,
}: SubjectMissingProps): React.ReactNode {
  const away = useAway();
  return (
    <section className="panel">
      {error === null || away ? (
        <Skeleton rows={rows} rowHeight={rowHeight} />
      ) : (
        <Failed what={what} error={error} onRetry={onRetry} />
      )}
    </section>
  );
}

/** An alert's title in a list, leading to its page. */
export function AlertTitle({ alert }: { readonly alert: ListedAlert }): React.ReactNode {
  return (
    <span className="alert-title">
      <SeverityMark severity={alert.severity} />
      <span className="visually-hidden">{severityLabels[alert.severity]}</span>
      <PageLink href={alertPath(alert.alertId)}>{alert.title}</PageLink>
    </span>
  );
}
