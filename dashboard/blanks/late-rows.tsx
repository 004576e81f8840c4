import type { Completeness } from '../../contracts/completeness.ts';
import { formatCount } from '../format/format-number.ts';
import { PageLink } from '../shell/address.tsx';
import { Blank } from './blank.tsx';

/** Whether rows that are missing may only be late: something accepted waits for a pipeline, or no device reports. */
export function isLate(of: Completeness | undefined): of is Completeness {
  if (of === undefined) return false;
  const { devices, ofDevices, pipelines } = of.late;
  return pipelines.length > 0 || (ofDevices > 0 && devices === ofDevices);
}

/** Rows may come yet: says what they wait for, and where to look at it. */
export function LateRows({
  what,
  of,
}: {
  readonly what: string;
  readonly of: Completeness;
}): React.ReactNode {
  const { pipelines, ofDevices } = of.late;
  if (pipelines.length === 0) {
    return (
      <Blank
        title={`No ${what}, and all ${formatCount(ofDevices)} devices are late`}
        action={
          <PageLink className="button" href="/devices?status=OFFLINE">
            Show who is late
          </PageLink>
        }
      >
        <p>Agents keep what they could not send: it appears here once they do.</p>
      </Blank>
    );
  }
  const waiting = pipelines.reduce((sum, { lag }) => sum + lag, 0);
  const names = pipelines.map(({ name }) => name).join(', ');
  const stopped = pipelines.filter(({ state }) => state === 'stopped').map(({ name }) => name);
  return (
    <Blank
      title={`No ${what} yet: they may be late`}
      action={
        <PageLink className="button" href="/pipelines">
          Show the pipelines
        </PageLink>
      }
    >
      <p>
        {stopped.length > 0 ? `Stopped: ${stopped.join(', ')}. ` : null}
        {waiting > 0
          ? `${formatCount(waiting)} accepted records wait for ${names}.`
          : `What passed ${names} within the last minute came late.`}{' '}
        They appear here by themselves.
      </p>
    </Blank>
  );
}
