import type { ListedAlert } from '../api/answers.ts';
import { Unanswered } from '../blanks/unanswered.tsx';
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

/** In place of what has not come yet, or cannot come. */
export function SubjectMissing(props: React.ComponentProps<typeof Unanswered>): React.ReactNode {
  return (
    <section className="panel">
      <Unanswered {...props} />
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
