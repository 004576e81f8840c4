import type { ListedAlert } from '../api/answers.ts';
import { severityLabels } from '../events/severity-filter.tsx';
import { exploreHref } from '../explore/explore-state.ts';
import { formatCount } from '../format/format-number.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { PageLink, usePathname } from '../shell/address.tsx';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { devicePath, incidentPath } from '../shell/pages.ts';
import { AlertDeedsPanel } from './alert-deeds.tsx';
import { Moment } from './alert-row.tsx';
import { AlertTimeline } from './alert-timeline.tsx';
import './alerts.css';
import { DeedToast } from './deed-toast.tsx';
import { Score, ScoreTable } from './score.tsx';
import { SubjectMissing, SubjectTitle } from './subject.tsx';
import { useAlert, useAlertChanges, useDeviceNames } from './use-alerts.ts';
import { type Deeds, useDeeds } from './use-deeds.ts';
import { edgeLabels, hiddenWords, stateLabels, statusLabels } from './words.ts';

/** One alert: what it is, why it is ranked so, what happened to it, and what one may do. */
export function AlertPage(): React.ReactNode {
  const alertId = decodeURIComponent(usePathname().slice('/alerts/'.length));
  const { data, error, refetch } = useAlert(alertId);
  const deeds = useDeeds();
  const recent = useRecentRate();
  useAlertChanges();
  return (
    <main className="page">
      <header className="alert-head">
        <PageLink href="/inbox">Inbox</PageLink>
        <SubjectTitle subject={data} word="Alert" />
        <CompletenessNote of={recent.data?.completeness} />
        <span className="spring" />
        {data === undefined ? null : (
          <PageLink className="button" href={eventsOf(data)}>
            Explore its events
          </PageLink>
        )}
      </header>
      {data === undefined ? (
        <SubjectMissing
          what="this alert"
          rows={8}
          rowHeight={32}
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <Whole alert={data} deeds={deeds} />
      )}
      {deeds.said?.kind === 'refused' ? null : <DeedToast deeds={deeds} />}
    </main>
  );
}

/** Events of a warning and above, of its device, from its first report to its last. */
function eventsOf({ deviceId, hosts, firstEventTime, lastEventTime }: ListedAlert): string {
  return exploreHref({
    severities: ['WARNING', 'ERROR', 'CRITICAL'],
    deviceId: hosts === 1 ? deviceId : null,
    zoom: { fromMs: Date.parse(firstEventTime), toMs: Date.parse(lastEventTime) + 1 },
  });
}

interface WholeProps {
  readonly alert: ListedAlert;
  readonly deeds: Deeds;
}

function Whole({ alert, deeds }: WholeProps): React.ReactNode {
  return (
    <div className="alert-columns">
      <div className="alert-column">
        <section className="panel alert-section" aria-labelledby="deeds-title">
          <h2 id="deeds-title">
            {statusLabels[alert.status]}{' '}
            <span className={alert.state === 'FIRING' ? 'bad-text' : 'quiet'}>
              · {stateLabels[alert.state]}
            </span>
          </h2>
          <AlertDeedsPanel alert={alert} deeds={deeds} />
        </section>
        <section className="panel alert-section" aria-labelledby="score-title">
          <h2 id="score-title">
            Why it is ranked so{' '}
            <span className="quiet">
              · by {alert.scorer.name} {alert.scorer.version}
            </span>
          </h2>
          <Score score={alert.score} />
          <ScoreTable score={alert.score} terms={alert.terms} />
        </section>
      </div>
      <div className="alert-column">
        <section className="panel alert-section" aria-labelledby="facts-title">
          <h2 id="facts-title">What it is</h2>
          <Facts alert={alert} />
        </section>
        <section className="panel alert-section" aria-labelledby="timeline-title">
          <h2 id="timeline-title">Timeline</h2>
          <AlertTimeline alert={alert} />
        </section>
      </div>
    </div>
  );
}

function foundBy({ ruleId, version, summary }: NonNullable<ListedAlert['rule']>): string {
  return `Rule ${ruleId}, version ${version}: ${summary}`;
}

function Facts({ alert }: { readonly alert: ListedAlert }): React.ReactNode {
  const { device, organization } = useDeviceNames(alert);
  const { deviceId, hosts, count, snoozedUntil, assignee, verdict, resolveWhenClear } = alert;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ['Severity', severityLabels[alert.severity]],
    ['Found by', alert.rule === null ? "The events' own severity" : foundBy(alert.rule)],
    [
      'Incident',
      alert.incident === null ? (
        'None'
      ) : (
        <PageLink key="incident" href={incidentPath(alert.incident.incidentId)}>
          {alert.incident.edge === null ? 'It began one' : edgeLabels[alert.incident.edge.kind]}
        </PageLink>
      ),
    ],
    ['Out of sight', hiddenWords(alert)],
    ['Device', deviceId === null ? 'Not known' : <PageLink href={devicePath(deviceId)}>{device}</PageLink>],
    ['Hosts', formatCount(hosts)],
    ['Organization', organization ?? 'None'],
    ['Reports', formatCount(count)],
    ['First', <Moment key="first" at={alert.firstEventTime} />],
    ['Last', <Moment key="last" at={alert.lastEventTime} />],
    ['Assignee', assignee ?? 'Nobody'],
    ['Snoozed', snoozedUntil === null ? 'No' : <>until {<Moment at={snoozedUntil} />}</>],
    ['When clear', resolveWhenClear ? 'It is resolved' : 'It stays as it is'],
    ['Verdict', verdict ?? 'None yet'],
  ];
  return (
    <dl className="alert-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
