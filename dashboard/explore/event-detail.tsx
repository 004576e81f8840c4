import { useQuery } from '@tanstack/react-query';

import type { ListedEvent } from '../api/answers.ts';
import { useApp, usePreferences } from '../app-context.tsx';
import { Failed } from '../blanks/blank.tsx';
import { Dialog } from '../blanks/dialog.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { formatExact } from '../format/format-time.ts';
import { PageLink } from '../shell/address.tsx';
import { devicePath } from '../shell/pages.ts';
import './explore.css';
import type { ChangeExplore } from './use-explore.ts';

interface EventDetailProps {
  readonly eventId: string;
  readonly change: ChangeExplore;
  readonly onClose: () => void;
}

const aroundMs = 300_000;

/** One event whole, as text, and where to go on from it. */
export function EventDetail({ eventId, change, onClose }: EventDetailProps): React.ReactNode {
  const { api } = useApp();
  const { data, error, refetch } = useQuery({
    queryKey: ['/events/one', eventId],
    queryFn: ({ signal }) => api.get<ListedEvent>(`/events/${encodeURIComponent(eventId)}`, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Dialog title={data?.summary ?? 'Event'} kind="side" onClose={onClose}>
      {data === undefined && error === null ? <Skeleton rows={8} rowHeight={26} /> : null}
      {data === undefined && error !== null ? (
        <Failed what="this event" error={error} onRetry={() => void refetch()} />
      ) : null}
      {data === undefined ? null : <Whole event={data} change={change} />}
    </Dialog>
  );
}

function Whole({ event, change }: { event: ListedEvent; change: ChangeExplore }): React.ReactNode {
  const [{ zone }] = usePreferences();
  const timeMs = Date.parse(event.eventTime);
  return (
    <>
      <Ways event={event} change={change} />
      <dl className="event-facts">
        {[
          ['Time', formatExact(timeMs, zone)],
          ['Accepted', formatExact(Date.parse(event.ingestTime), zone)],
          ['Severity', event.severity],
          ['Type', `${event.eventType} (${event.sourceType})`],
          ['Tool', event.toolType],
          ['Host', event.hostname],
          ['Organization', event.organizationName ?? event.organizationId],
          ['User', event.userId],
        ].map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      <pre className="event-json" tabIndex={0} aria-label="The whole event">
        {JSON.stringify(event, null, 2)}
      </pre>
    </>
  );
}

/** What to ask next. */
function Ways({ event, change }: { event: ListedEvent; change: ChangeExplore }): React.ReactNode {
  const timeMs = Date.parse(event.eventTime);
  const { deviceId, organizationId } = event;
  const narrow = (patch: Parameters<ChangeExplore>[0]) => () => change({ event: null, ...patch });
  const around = { zoom: { fromMs: timeMs - aroundMs, toMs: timeMs + aroundMs } };
  return (
    <div className="event-ways">
      {deviceId === null ? null : (
        <PageLink className="button button-small" href={devicePath(deviceId)}>
          Open {event.hostname ?? 'the device'}
        </PageLink>
      )}
      {deviceId === null ? null : (
        <button type="button" className="button button-small" onClick={narrow({ deviceId, ...around })}>
          5 minutes around, this device
        </button>
      )}
      <button
        type="button"
        className="button button-small"
        onClick={narrow({ eventTypes: [event.eventType] })}
      >
        Only this type
      </button>
      {organizationId === null ? null : (
        <button
          type="button"
          className="button button-small"
          onClick={narrow({ organizationIds: [organizationId] })}
        >
          Only this organization
        </button>
      )}
    </div>
  );
}
