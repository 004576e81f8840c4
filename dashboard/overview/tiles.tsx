import type { UseQueryResult } from '@tanstack/react-query';

import { useAway, useView } from '../app-context.tsx';
import { isDenied } from '../api/client.ts';
import { useDeviceCounts } from '../devices/use-devices.ts';
import { formatCount, formatRate } from '../format/format-number.ts';
import { usePipelines } from '../pipeline/use-pipelines.ts';
import type { View } from '../view/view.ts';
import { recentMs, useRecentErrors, useRecentRate } from './use-figures.ts';

/** The four figures to look at first; each leads to its rows. */
export function Tiles(): React.ReactNode {
  const devices = useDeviceCounts();
  const rate = useRecentRate();
  const errors = useRecentErrors();
  const pipelines = usePipelines();
  const dead = pipelines.data?.items.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  const { counts } = devices;
  return (
    <div className="tiles">
      <Tile
        label="Devices online"
        query={devices.query}
        value={counts === undefined ? undefined : formatCount(counts.online)}
        note={counts === undefined ? '' : `of ${formatCount(counts.total)}`}
        rows="devices"
        patch={{ deviceStatus: 'ONLINE', deviceSearch: '', deviceCursor: null }}
      />
      <Tile
        label="Events per second"
        query={rate}
        value={rate.data === undefined ? undefined : formatRate(rate.data.total / (recentMs / 1_000))}
        note="over the last 30 s"
        rows="newest-events"
        patch={{ range: '5m', zoom: null, severities: [], search: '', routine: true }}
      />
      <Tile
        label="Errors"
        query={errors}
        value={errors.data === undefined ? undefined : formatCount(errors.data.total)}
        note="in the last hour"
        tone={(errors.data?.total ?? 0) > 0 ? 'bad' : 'plain'}
        rows="events"
        patch={{ range: '1h', zoom: null, severities: ['ERROR', 'CRITICAL'], search: '' }}
      />
      <Tile
        label="Dead letters"
        query={pipelines}
        value={dead === undefined ? undefined : formatCount(dead)}
        note="could not be processed"
        tone={(dead ?? 0) > 0 ? 'bad' : 'plain'}
        rows="pipeline"
        patch={{}}
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
  /** The id of the panel that has the rows. */
  readonly rows: string;
  /** What the view must be to show exactly those rows. */
  readonly patch: Partial<View>;
}

function Tile({ label, query, value, note, tone = 'plain', rows, patch }: TileProps): React.ReactNode {
  const [, change] = useView();
  const away = useAway();
  const failed = value === undefined && query.error !== null && !away;
  function go(event: React.MouseEvent): void {
    event.preventDefault();
    change(patch);
    document.getElementById(rows)?.scrollIntoView({ behavior: 'smooth', block: 'start' });
  }
  return (
    <a className="tile" href={`#${rows}`} onClick={go}>
      <span className="tile-label">{label}</span>
      <span className={tone === 'bad' ? 'tile-value bad-text' : 'tile-value'}>
        {value ?? (failed ? '–' : <span className="tile-waiting" />)}
      </span>
      <span className="tile-note">{failed ? failureNote(query.error) : note}</span>
    </a>
  );
}

function failureNote(error: unknown): string {
  return isDenied(error) ? 'not for your role' : 'could not be loaded';
}
