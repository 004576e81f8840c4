import type { ListedAlert } from '../api/answers.ts';
import { Blank, Failed } from '../blanks/blank.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { formatCount } from '../format/format-number.ts';
import { PageLink } from '../shell/address.tsx';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { alertPath } from '../shell/pages.ts';
import { Moment } from './alert-row.tsx';
import './alerts.css';
import { useAlertStats } from './use-alerts.ts';
import { useSuppression, useUnseen } from './use-incidents.ts';
import { hiddenWords } from './words.ts';

/** What was folded and what was kept out of sight, always with how often that was wrong. */
export function NoisePage(): React.ReactNode {
  return (
    <main className="page">
      <h1 className="visually-hidden">Noise</h1>
      <section className="panel alert-section" aria-labelledby="noise-title">
        <h2 id="noise-title">Noise</h2>
        <Figures />
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

function Figures(): React.ReactNode {
  const { data: stats } = useAlertStats();
  const { data, error, refetch } = useSuppression();
  if (data === undefined && error !== null) {
    return <Failed what="the figures" error={error} onRetry={() => void refetch()} />;
  }
  if (stats === undefined || data === undefined) return <p className="quiet">…</p>;
  const { hidden, byWindow, byParent, byHabit, total, reviewed, sampled, falseRate } = data;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const figures: readonly (readonly [string, string])[] = [
    ['Reports', formatCount(stats.reports)],
    ['Shown alerts', formatCount(stats.total)],
    ['Alerts in all', formatCount(total)],
    [
      'Hidden at some time',
      `${formatCount(hidden)}: ${formatCount(byWindow)} by windows, ${formatCount(byParent)} by a parent, ${formatCount(byHabit)} as usual silence`,
    ],
    ['Reviewed', `${formatCount(reviewed)} of ${formatCount(sampled)} chosen at random`],
    [
      'Hidden wrongly',
      falseRate === null
        ? 'Not known: nobody has judged one yet'
        : `${percent(falseRate.rate)}, between ${percent(falseRate.low)} and ${percent(falseRate.high)} (95 %)`,
    ],
  ];
  return (
    <>
      <CompletenessNote of={stats.completeness} />
      <dl className="alert-facts">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
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
