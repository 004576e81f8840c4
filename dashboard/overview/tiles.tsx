import type { UseQueryResult } from '@tanstack/react-query';

import { useAlertStats } from '../alerts/use-alerts.ts';
import { useAway } from '../app-context.tsx';
import { isDenied } from '../api/client.ts';
import { useDeviceCounts } from '../devices/use-devices.ts';
import { exploreHref } from '../explore/explore-state.ts';
import { formatCount, formatRate } from '../format/format-number.ts';
import { usePipelines } from '../pipeline/use-pipelines.ts';
import { PageLink } from '../shell/address.tsx';
import { recentMs, useRecentErrors, useRecentRate } from './use-figures.ts';

/** The five figures to look at first; each leads to its rows. */
export function Tiles(): React.ReactNode {
  const devices = useDeviceCounts();
  const rate = useRecentRate();
  const errors = useRecentErrors();
  const pipelines = usePipelines();
  const alerts = useAlertStats();
  const open = alerts.data?.byStatus.OPEN;
  const dead = pipelines.data?.items.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  const { counts } = devices;
  return (
    <div className="tiles">
      <Tile
        label="Devices online"
        query={devices.query}
        value={counts === undefined ? undefined : formatCount(counts.online)}
        note={counts === undefined ? '' : `of ${formatCount(counts.total)}`}
        href="/devices?status=ONLINE"
      />
      <Tile
        label="Events per second"
        query={rate}
        value={rate.data === undefined ? undefined : formatRate(rate.data.total / (recentMs / 1_000))}
        note="over the last 30 s"
        href={exploreHref({ range: '15m', mode: 'tail' })}
      />
      <Tile
        label="Errors"
        query={errors}
        value={errors.data === undefined ? undefined : formatCount(errors.data.total)}
        note="in the last hour"
        tone={(errors.data?.total ?? 0) > 0 ? 'bad' : 'plain'}
        href={exploreHref({ range: '1h', severities: ['ERROR', 'CRITICAL'] })}
      />
      <Tile
        label="Open alerts"
        query={alerts}
        value={open === undefined ? undefined : formatCount(open)}
        note="ranked by what deserves a look"
        tone={(open ?? 0) > 0 ? 'bad' : 'plain'}
        href="/inbox"
      />
      <Tile
        label="Dead letters"
        query={pipelines}
        value={dead === undefined ? undefined : formatCount(dead)}
        note="could not be processed"
        tone={(dead ?? 0) > 0 ? 'bad' : 'plain'}
        href="/pipelines"
      />
    </div>
  );
}

interface TileProps {
  readonly label: string;
  readonly query: Pick<UseQueryResult, 'error'>;
  readonly value: string | undefined;
  readonly note: string;
  readonly tone?: 'plain' | 'bad';
  /** The page that shows exactly the rows of the figure. */
  readonly href: string;
}

function Tile({ label, query, value, note, tone = 'plain', href }: TileProps): React.ReactNode {
  const away = useAway();
  const failed = value === undefined && query.error !== null && !away;
  return (
    <PageLink className="tile" href={href}>
      <span className="tile-label">{label}</span>
      <span className={tone === 'bad' ? 'tile-value bad-text' : 'tile-value'}>
        {value ?? (failed ? '–' : <span className="tile-waiting" />)}
      </span>
      <span className="tile-note">{failed ? failureNote(query.error) : note}</span>
    </PageLink>
  );
}

function failureNote(error: unknown): string {
  return isDenied(error) ? 'not for your role' : 'could not be loaded';
}
