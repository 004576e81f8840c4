import { usePreferences } from '../app-context.tsx';
import { useDeviceCounts } from '../devices/use-devices.ts';
import { formatCount } from '../format/format-number.ts';
import { formatClock } from '../format/format-time.ts';
import { completenessOf } from '../pipeline/completeness.ts';
import { usePipelines } from '../pipeline/use-pipelines.ts';
import { PageLink } from './address.tsx';
import './shell.css';

/** Up to which moment a panel has everything, and how many devices have not reported lately. */
export function CompletenessNote(): React.ReactNode {
  const [{ zone }] = usePreferences();
  const { data, dataUpdatedAt } = usePipelines();
  const { counts } = useDeviceCounts();
  if (data === undefined) return <span className="completeness" />;
  const completeness = completenessOf(data.items, dataUpdatedAt);
  const late = counts === undefined ? 0 : counts.total - counts.online;
  return (
    <span className="completeness">
      {completeness.kind === 'complete' ? (
        <>
          complete to <time>{formatClock(completeness.toMs, zone)}</time>
        </>
      ) : (
        <span className="bad-text">not complete: {completeness.names.join(', ')} stopped</span>
      )}
      {late === 0 ? null : (
        <>
          ;{' '}
          <PageLink href="/devices?status=OFFLINE">
            {formatCount(late)} of {formatCount(counts?.total ?? 0)} devices late
          </PageLink>
        </>
      )}
    </span>
  );
}
