import { useEffect, useRef } from 'react';

import type { ListedAlert } from '../api/answers.ts';
import { useApp, usePreferences } from '../app-context.tsx';
import { formatCount } from '../format/format-number.ts';
import { formatExact, formatListed } from '../format/format-time.ts';
import { PageLink } from '../shell/address.tsx';
import { devicePath, incidentPath } from '../shell/pages.ts';
import { Score, ScoreChips } from './score.tsx';
import { AlertTitle } from './subject.tsx';
import { useDeviceNames } from './use-alerts.ts';
import type { Deeds } from './use-deeds.ts';
import { Verdicts } from './verdicts.tsx';
import { snoozes, stateLabels, statusLabels } from './words.ts';

interface AlertRowProps {
  readonly alert: ListedAlert;
  /** It is the one that keys act on. */
  readonly chosen: boolean;
  readonly deeds: Deeds;
}

/** One alert of the queue: how much it deserves a look and why, what it is and where. */
export function AlertRow({ alert, chosen, deeds }: AlertRowProps): React.ReactNode {
  const box = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) box.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <li ref={box} className="alert-row" aria-current={chosen ? 'true' : undefined} data-alert={alert.alertId}>
      <Score score={alert.score} />
      <div className="alert-what">
        <AlertTitle alert={alert} />
        <Where alert={alert} />
        <ScoreChips score={alert.score} terms={alert.terms} />
      </div>
      {deeds.maySpeak ? <RowDeeds alert={alert} deeds={deeds} /> : null}
    </li>
  );
}

/** Where it happened, how often and when. */
function Where({ alert }: { readonly alert: ListedAlert }): React.ReactNode {
  const { device, organization } = useDeviceNames(alert);
  const { deviceId, hosts, count, status, state } = alert;
  return (
    <span className="alert-where">
      {deviceId === null ? null : <PageLink href={devicePath(deviceId)}>{device}</PageLink>}
      {hosts > 1 ? <span>on {formatCount(hosts)} hosts</span> : null}
      {alert.incident === null || alert.incident.edge === null ? null : (
        <PageLink href={incidentPath(alert.incident.incidentId)}>part of an incident</PageLink>
      )}
      {alert.flaps > 0 ? <span>flapping</span> : null}
      <span>{organization ?? 'No organization'}</span>
      <span>{count === 1 ? 'once' : `${formatCount(count)} times`}</span>
      <span>
        <Moment at={alert.firstEventTime} /> to <Moment at={alert.lastEventTime} />
      </span>
      <span className={state === 'FIRING' ? 'bad-text' : ''}>{stateLabels[state]}</span>
      {status === 'OPEN' ? null : <span>{statusLabels[status]}</span>}
    </span>
  );
}

export function Moment({ at }: { readonly at: string }): React.ReactNode {
  const { nowMs } = useApp();
  const [{ zone }] = usePreferences();
  const timeMs = Date.parse(at);
  return (
    <time dateTime={at} title={formatExact(timeMs, zone)}>
      {formatListed(timeMs, nowMs(), zone)}
    </time>
  );
}

function RowDeeds({ alert, deeds }: Pick<AlertRowProps, 'alert' | 'deeds'>): React.ReactNode {
  const [{ forMs, words }] = snoozes;
  return (
    <div className="alert-row-deeds">
      {deeds.mayAct && alert.status === 'OPEN' ? (
        <button
          type="button"
          className="button button-small"
          title="Acknowledge (e)"
          onClick={() => void deeds.acknowledge(alert)}
        >
          Acknowledge
        </button>
      ) : null}
      {deeds.mayAct && (alert.status === 'OPEN' || alert.status === 'ACKNOWLEDGED') ? (
        <button
          type="button"
          className="button button-small"
          title={`Snooze for ${words} (s)`}
          onClick={() => void deeds.snooze(alert, forMs, words)}
        >
          Snooze
        </button>
      ) : null}
      <Verdicts alert={alert} deeds={deeds} />
    </div>
  );
}
