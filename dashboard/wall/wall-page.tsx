import { useAway, useNow, usePreferences, useSession } from '../app-context.tsx';
import type { ListedIncident } from '../alerts/use-incidents.ts';
import { stateLabels, statusLabels } from '../alerts/words.ts';
import { usePoll } from '../api/use-poll.ts';
import { useDeviceCounts } from '../devices/use-devices.ts';
import { severityLabels } from '../events/severity-filter.tsx';
import { SeverityMark } from '../events/severity-mark.tsx';
import { formatCount, formatRate } from '../format/format-number.ts';
import { formatAgo, formatClock } from '../format/format-time.ts';
import { recentMs, useRecentRate } from '../overview/use-figures.ts';
import { usePipelines } from '../pipeline/use-pipelines.ts';
import { useSearchText } from '../shell/address.tsx';
import './wall.css';
import { staleMs, turnOf, wallStateOf } from './wall-state.ts';

const mostListed = 200;
const everyMs = 3_000;
/** Rows that fit below the figures, whatever the size of the screen: type grows with it. */
const fit = 8;

/** For a screen on the wall: what goes on, in large type, with nothing to press. */
export function WallPage(): React.ReactNode {
  const incidents = usePoll<{ readonly items: readonly ListedIncident[] }>({
    path: '/incidents',
    key: ['wall'],
    params: () => ({ statuses: ['OPEN', 'ACKNOWLEDGED'], limit: mostListed }),
    everyMs,
  });
  const away = useAway();
  const nowMs = useNow();
  const heardMs = incidents.dataUpdatedAt;
  const isStale = away || incidents.isError || (heardMs > 0 && nowMs - heardMs > staleMs);
  return (
    <main className="wall" data-stale={isStale ? '' : undefined}>
      <h1 className="visually-hidden">Wall</h1>
      <WallHead nowMs={nowMs} heardMs={heardMs} isStale={isStale} />
      <WallFigures incidents={incidents.data?.items} />
      <WallIncidents incidents={incidents.data?.items} nowMs={nowMs} />
    </main>
  );
}

interface WallHeadProps {
  readonly nowMs: number;
  /** When the incidents were answered last; 0 where they never were. */
  readonly heardMs: number;
  readonly isStale: boolean;
}

function WallHead({ nowMs, heardMs, isStale }: WallHeadProps): React.ReactNode {
  const { tenantId } = useSession();
  const [{ zone }] = usePreferences();
  return (
    <header className="wall-head">
      <strong>{tenantId}</strong>
      {isStale ? (
        <span className="wall-stale" role="alert">
          Not current:{' '}
          {heardMs === 0
            ? 'no answer from the server yet'
            : `last heard at ${formatClock(heardMs, zone)}, ${formatAgo(heardMs, nowMs)}`}
        </span>
      ) : null}
      <time dateTime={new Date(nowMs).toISOString()}>{formatClock(nowMs, zone)}</time>
    </header>
  );
}

function WallFigures({
  incidents = [],
}: {
  readonly incidents: readonly ListedIncident[] | undefined;
}): React.ReactNode {
  const { counts } = useDeviceCounts();
  const rate = useRecentRate();
  const pipelines = usePipelines();
  const stopped = pipelines.data?.items.filter(({ state }) => state !== 'running').length;
  const of = (severity: string): number => incidents.filter((one) => one.severity === severity).length;
  const untaken = incidents.filter(({ status }) => status === 'OPEN').length;
  const figures = [
    { name: 'Critical', value: formatCount(of('CRITICAL')), isBad: of('CRITICAL') > 0 },
    { name: 'Errors', value: formatCount(of('ERROR')), isBad: of('ERROR') > 0 },
    { name: 'Nobody took', value: formatCount(untaken), isBad: false },
    {
      name: 'Devices online',
      value: counts === undefined ? '–' : `${formatCount(counts.online)} / ${formatCount(counts.total)}`,
      isBad: false,
    },
    {
      name: 'Events per second',
      value: rate.data === undefined ? '–' : formatRate(rate.data.total / (recentMs / 1_000)),
      isBad: false,
    },
    {
      name: 'Pipelines stopped',
      value: stopped === undefined ? '–' : formatCount(stopped),
      isBad: (stopped ?? 0) > 0,
    },
  ];
  return (
    <dl className="wall-figures">
      {figures.map(({ name, value, isBad }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={isBad ? 'bad-text' : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function WallIncidents({
  incidents,
  nowMs,
}: {
  readonly incidents: readonly ListedIncident[] | undefined;
  readonly nowMs: number;
}): React.ReactNode {
  const { turnSeconds } = wallStateOf(useSearchText());
  if (incidents === undefined) return <p className="wall-calm">…</p>;
  if (incidents.length === 0) return <p className="wall-calm">Nothing is open</p>;
  const { rows, turn, turns } = turnOf(incidents, fit, turnSeconds, nowMs);
  const more = incidents.length - rows.length;
  const others = turnSeconds === null ? `${formatCount(more)} more` : `Part ${turn} of ${turns}`;
  return (
    <>
      <ol className="wall-list" aria-label="Open incidents, the highest score first">
        {rows.map((incident) => (
          <WallRow key={incident.incidentId} incident={incident} nowMs={nowMs} />
        ))}
      </ol>
      {more > 0 ? <p className="wall-more">{others}</p> : null}
    </>
  );
}

function WallRow({
  incident,
  nowMs,
}: {
  readonly incident: ListedIncident;
  readonly nowMs: number;
}): React.ReactNode {
  const { score, severity, title, status, state, deviceIds, firstEventTime } = incident;
  return (
    <li data-status={status}>
      <strong className="wall-score">{Math.round(score)}</strong>
      <span className="wall-title">
        <SeverityMark severity={severity} />{' '}
        <span className="visually-hidden">{severityLabels[severity]}: </span>
        {title}
      </span>
      <span className="wall-where">
        {deviceIds.length > 1 ? `${formatCount(deviceIds.length)} devices · ` : ''}
        {formatAgo(Date.parse(firstEventTime), nowMs)} · {stateLabels[state]}
        {status === 'ACKNOWLEDGED' ? ` · ${statusLabels[status]}` : ''}
      </span>
    </li>
  );
}
