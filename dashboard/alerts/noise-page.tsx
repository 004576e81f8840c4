import type { ListedAlert } from '../api/answers.ts';
import { Blank, Failed } from '../blanks/blank.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { PageLink } from '../shell/address.tsx';
import { alertPath } from '../shell/pages.ts';
import { Moment } from './alert-row.tsx';
import './alerts.css';
import { useAlertStats } from './use-alerts.ts';
import { NoiseFigures } from './noise-figures.tsx';
import { useUnseen } from './use-incidents.ts';
import { hiddenWords } from './words.ts';

/** What was folded and what was kept out of sight, always with how often that was wrong. */
export function NoisePage(): React.ReactNode {
  return (
    <main className="page">
      <h1 className="visually-hidden">Noise</h1>
      <section className="panel alert-section" aria-labelledby="noise-title">
        <h2 id="noise-title">Noise</h2>
        <NoiseFigures />
      </section>
      <Unseen
        visibility="review"
        title="To be judged"
        empty="No hidden alert has been chosen for review yet"
      />
      <Unseen visibility="hidden" title="Out of sight now" empty="Nothing is kept out of sight" />
    </main>
  );
}

interface UnseenProps {
  readonly visibility: 'hidden' | 'review';
  readonly title: string;
  readonly empty: string;
}

function Unseen({ visibility, title, empty }: UnseenProps): React.ReactNode {
  const { data, error, refetch } = useUnseen(visibility);
  const of = useAlertStats().data?.completeness;
  const alerts: readonly ListedAlert[] = data?.items ?? [];
  return (
    <section className="panel alert-section" aria-label={title}>
      <h2>{title}</h2>
      {data === undefined && error !== null ? (
        <Failed what="these alerts" error={error} onRetry={() => void refetch()} />
      ) : null}
      {data?.items.length === 0 ? (
        isLate(of) ? (
          <LateRows what="alerts" of={of} />
        ) : (
          <NothingHidden title={empty} />
        )
      ) : null}
      <ol className="alert-list">
        {alerts.map((alert) => (
          <li key={alert.alertId} className="alert-row">
            <div className="alert-what">
              <PageLink href={alertPath(alert.alertId)}>{alert.title}</PageLink>
              <span className="alert-where">
                <Moment at={alert.firstEventTime} />
                <span>{hiddenWords(alert)}</span>
              </span>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function NothingHidden({ title }: { readonly title: string }): React.ReactNode {
  return (
    <Blank
      title={title}
      action={
        <PageLink className="button" href="/inbox">
          Show the inbox
        </PageLink>
      }
    />
  );
}
