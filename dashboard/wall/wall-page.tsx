import { useAway, useNow, usePreferences, useSession } from '../app-context.tsx';
import type { ListedIncident } from '../alerts/use-incidents.ts';
import { stateLabels, statusLabels } from '../alerts/words.ts';
import type { IncidentStats } from '../api/answers.ts';
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
import { othersWords, staleMs, turnOf, wallStateOf } from './wall-state.ts';

const mostListed = 200;
const statuses = ['OPEN', 'ACKNOWLEDGED'];
const everyMs = 3_000;
/** Rows that fit below the figures, whatever the size of the screen: type grows with it. */
const fit = 8;

/** For a screen on the wall: what goes on, in large type, with nothing to press. */
export function WallPage(): React.ReactNode {
  const incidents = usePoll<{ readonly items: readonly ListedIncident[] }>({
    path: '/incidents',
    key: ['wall'],
    params: () => ({ statuses, limit: mostListed }),
    everyMs,
  });
  const stats = usePoll<IncidentStats>({
    path: '/incidents/stats',
    key: ['wall'],
    params: () => ({ statuses }),
    everyMs,
  });
  const away = useAway();
  const nowMs = useNow();
  const heardMs = Math.min(incidents.dataUpdatedAt, stats.dataUpdatedAt);
  const isStale = away || incidents.isError || stats.isError || (heardMs > 0 && nowMs - heardMs > staleMs);
  return (
    <main className="wall" data-stale={isStale ? '' : undefined}>
      <h1 className="visually-hidden">Wall</h1>
      <WallHead nowMs={nowMs} heardMs={heardMs} isStale={isStale} />
      <WallFigures stats={stats.data} />
      <WallIncidents incidents={incidents.data?.items} total={stats.data?.total} nowMs={nowMs} />
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

function WallFigures({ stats }: { readonly stats: IncidentStats | undefined }): React.ReactNode {
  const { counts } = useDeviceCounts();
  const rate = useRecentRate();
  const pipelines = usePipelines();
  const stopped = pipelines.data?.items.filter(({ state }) => state !== 'running').length;
  const critical = stats?.bySeverity.CRITICAL;
  const errors = stats?.bySeverity.ERROR;
  const figures = [
    { name: 'Critical', value: countOf(critical), isBad: (critical ?? 0) > 0 },
    { name: 'Errors', value: countOf(errors), isBad: (errors ?? 0) > 0 },
    { name: 'Nobody took', value: countOf(stats?.byStatus.OPEN), isBad: false },
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
      value: countOf(stopped),
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

function countOf(count: number | undefined): string {
  return count === undefined ? '–' : formatCount(count);
}

interface WallIncidentsProps {
  /** The first of them. */
  readonly incidents: readonly ListedIncident[] | undefined;
  /** How many there are in all. */
  readonly total: number | undefined;
  readonly nowMs: number;
}

function WallIncidents({ incidents, total = 0, nowMs }: WallIncidentsProps): React.ReactNode {
  const { turnSeconds } = wallStateOf(useSearchText());
  if (incidents === undefined) return <p className="wall-calm">…</p>;
  if (incidents.length === 0) return <p className="wall-calm">Nothing is open</p>;
  const { rows, turn, turns } = turnOf(incidents, fit, turnSeconds, nowMs);
  const others = othersWords({
    total,
    listed: incidents.length,
    shown: rows.length,
    turn,
    turns,
    turnSeconds,
  });
  return (
    <>
      <ol className="wall-list" aria-label="Open incidents, the highest score first">
        {rows.map((incident) => (
          <WallRow key={incident.incidentId} incident={incident} nowMs={nowMs} />
        ))}
      </ol>
      {others === '' ? null : <p className="wall-more">{others}</p>}
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
