import type { ListedAlert } from '../api/answers.ts';
import { formatCount } from '../format/format-number.ts';
import { PageLink, usePathname } from '../shell/address.tsx';
import { alertPath } from '../shell/pages.ts';
import { Moment } from './alert-row.tsx';
import './alerts.css';
import { DeedToast } from './deed-toast.tsx';
import { Score, ScoreChips } from './score.tsx';
import { AlertTitle, SubjectMissing, SubjectTitle } from './subject.tsx';
import { useDeeds, type Deeds } from './use-deeds.ts';
import { useIncident, type WholeIncident } from './use-incidents.ts';
import { TriageSection } from './triage-section.tsx';
import { Verdicts } from './verdicts.tsx';
import { edgeLabels, hiddenWords, stateLabels, statusLabels } from './words.ts';

/** One incident: its alerts in the order they opened, what relates each to another, and what one may do with them. */
export function IncidentPage(): React.ReactNode {
  const incidentId = decodeURIComponent(usePathname().slice('/incidents/'.length));
  const { data, error, refetch } = useIncident(incidentId);
  const deeds = useDeeds();
  return (
    <main className="page">
      <header className="alert-head">
        <PageLink href="/inbox">Inbox</PageLink>
        <SubjectTitle subject={data} word="Incident" />
      </header>
      {data === undefined ? (
        <SubjectMissing
          what="this incident"
          rows={6}
          rowHeight={48}
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <Whole incident={data} deeds={deeds} />
      )}
      <DeedToast deeds={deeds} />
    </main>
  );
}

interface WholeProps {
  readonly incident: WholeIncident;
  readonly deeds: Deeds;
}

function Whole({ incident, deeds }: WholeProps): React.ReactNode {
  const { status, state, alerts, hidden, deviceIds, firstEventTime, lastEventTime, score } = incident;
  const follows = incident.children.filter((alert) => alert.incident?.edge?.kind === 'parent');
  const under = Math.max(0, ...follows.map(({ hosts }) => hosts));
  const open = incident.children.filter((alert) => alert.status === 'OPEN' && !alert.hidden);
  return (
    <>
      <section className="panel alert-section" aria-labelledby="incident-title">
        <h2 id="incident-title">
          {statusLabels[status]}{' '}
          <span className={state === 'OK' ? 'quiet' : 'bad-text'}>· {stateLabels[state]}</span>
        </h2>
        <Score score={score} />
        <p className="quiet">
          {alerts === 1 ? 'One alert' : `${formatCount(alerts)} alerts`}
          {hidden > 0 ? ` and ${formatCount(hidden)} out of sight` : ''},{' '}
          {deviceIds.length > 0 ? `on ${devicesWords(deviceIds.length)}, ` : ''}
          {under > 0 ? `with ${devicesWords(under)} under it, ` : ''}
          <Moment at={firstEventTime} /> to <Moment at={lastEventTime} />
        </p>
        {deeds.mayAct && open.length > 0 ? (
          <div className="alert-deeds-line">
            <button
              type="button"
              className="button button-primary"
              onClick={() => void deeds.acknowledgeAll(open)}
            >
              Acknowledge {open.length === 1 ? 'it' : `all ${formatCount(open.length)}`}
            </button>
          </div>
        ) : null}
      </section>
      <TriageSection key={incident.incidentId} incident={incident} mayAsk={deeds.mayAct} />
      <section className="panel alert-section" aria-labelledby="children-title">
        <h2 id="children-title">Timeline</h2>
        <ol className="alert-list" aria-label="Alerts in the order they opened">
          {incident.children.map((alert) => (
            <Child key={alert.alertId} alert={alert} deeds={deeds} />
          ))}
        </ol>
      </section>
    </>
  );
}

function devicesWords(count: number): string {
  return count === 1 ? 'one device' : `${formatCount(count)} devices`;
}

interface ChildProps {
  readonly alert: ListedAlert;
  readonly deeds: Deeds;
}

function Child({ alert, deeds }: ChildProps): React.ReactNode {
  const edge = alert.incident?.edge ?? null;
  return (
    <li className="alert-row" data-alert={alert.alertId}>
      <Score score={alert.score} />
      <div className="alert-what">
        <AlertTitle alert={alert} />
        <span className="alert-where">
          <Moment at={alert.firstEventTime} />
          {alert.hosts > 1 ? <span>{formatCount(alert.hosts)} devices</span> : null}
          <span>
            {edge === null
              ? 'The incident began with it'
              : `${edgeLabels[edge.kind]}: ${Math.round(edge.gapMs / 1000)} s`}
          </span>
          {edge === null ? null : (
            <PageLink href={alertPath(edge.alertId)}>the alert it is related to</PageLink>
          )}
          <span className={alert.state === 'OK' ? '' : 'bad-text'}>{stateLabels[alert.state]}</span>
          <span>{statusLabels[alert.status]}</span>
          {alert.hidden ? <span>Out of sight: {hiddenWords(alert)}</span> : null}
        </span>
        <ScoreChips score={alert.score} terms={alert.terms} />
      </div>
      {deeds.maySpeak ? (
        <div className="alert-row-deeds">
          <Verdicts alert={alert} deeds={deeds} />
        </div>
      ) : null}
    </li>
  );
}
