import type { Completeness } from '../../contracts/completeness.ts';
import { usePreferences } from '../app-context.tsx';
import { formatCount } from '../format/format-number.ts';
import { formatClock } from '../format/format-time.ts';
import { PageLink } from './address.tsx';
import './shell.css';

const mostNames = 2;

/** Up to which moment an answer has everything, and who is late. `of` is what the panel's own answer says. */
export function CompletenessNote({ of }: { readonly of: Completeness | undefined }): React.ReactNode {
  if (of === undefined) return <span className="completeness" />;
  const { devices, ofDevices } = of.late;
  return (
    <span className="completeness">
      <CompleteTo of={of} />
      {devices === 0 ? null : (
        <>
          ;{' '}
          <PageLink href="/devices?status=OFFLINE">
            {formatCount(devices)} of {formatCount(ofDevices)} devices late
          </PageLink>
        </>
      )}
    </span>
  );
}

/** The moment alone, with what holds it back. */
export function CompleteTo({ of }: { readonly of: Completeness }): React.ReactNode {
  const [{ zone }] = usePreferences();
  const { pipelines } = of.late;
  if (of.completeTo === null) {
    const stopped = pipelines.filter(({ state }) => state === 'stopped').map(({ name }) => name);
    return <span className="bad-text">not complete: {stopped.join(', ')} stopped</span>;
  }
  const places = pipelines.map(({ name, partitions }) => [name, ...partitions].join(' '));
  return (
    <span
      title={
        pipelines.length === 0
          ? 'Every event that the platform accepted before this moment is in these figures.'
          : `Behind: ${places.join('; ')}`
      }
    >
      complete to <time>{formatClock(Date.parse(of.completeTo), zone)}</time>
      {pipelines.length === 0 ? null : `, ${namesOf(pipelines)} behind`}
    </span>
  );
}

/** Many by their number, which fits the header: the hint has their names. */
function namesOf(pipelines: Completeness['late']['pipelines']): string {
  if (pipelines.length > mostNames) return `${formatCount(pipelines.length)} pipelines`;
  return pipelines.map(({ name }) => name).join(', ');
}
