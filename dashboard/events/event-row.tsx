import { memo, useId } from 'react';

import { messageOf } from '../../contracts/errors.ts';
import type { ListedEvent } from '../api/answers.ts';
import { useApp, usePreferences } from '../app-context.tsx';
import { formatExact, formatListed } from '../format/format-time.ts';
import './events.css';
import { severityLabels } from './severity-filter.tsx';
import { SeverityMark } from './severity-mark.tsx';
import { useWholeEvent } from './use-whole-event.ts';

interface EventRowProps {
  readonly event: ListedEvent;
  /** Left out where all rows are of one device. */
  readonly withHost: boolean;
  readonly open: boolean;
  readonly onToggle: (eventId: string) => void;
}

/** One event in a line; opens to all that is stored of it. What a device wrote is shown as text alone. */
export const EventRow = memo(function EventRow(props: EventRowProps): React.ReactNode {
  const { event, withHost, open, onToggle } = props;
  const { nowMs } = useApp();
  const [{ zone }] = usePreferences();
  const detailId = useId();
  const timeMs = Date.parse(event.eventTime);
  return (
    <li className="event">
      <button
        type="button"
        className="event-line"
        aria-expanded={open}
        aria-controls={detailId}
        onClick={() => onToggle(event.eventId)}
      >
        <time dateTime={event.eventTime} title={formatExact(timeMs, zone)}>
          {formatListed(timeMs, nowMs(), zone)}
        </time>
        <span className="event-severity" title={severityLabels[event.severity]}>
          <SeverityMark severity={event.severity} />
          <span className="visually-hidden">{severityLabels[event.severity]}</span>
        </span>
        {withHost ? (
          <span className="event-host">{event.hostname ?? event.deviceId ?? event.source}</span>
        ) : null}
        <span className="event-summary">{event.summary}</span>
      </button>
      <div id={detailId}>{open ? <WholeEvent eventId={event.eventId} listed={event} /> : null}</div>
    </li>
  );
});

interface WholeEventProps {
  readonly eventId: string;
  readonly listed: ListedEvent;
}

function WholeEvent({ eventId, listed }: WholeEventProps): React.ReactNode {
  const { data, error } = useWholeEvent(eventId);
  return (
    <div className="event-whole">
      {error === null ? null : <p className="bad-text">{messageOf(error)}</p>}
      <pre tabIndex={0} aria-label="The whole event">
        {JSON.stringify(data ?? listed, null, 2)}
      </pre>
    </div>
  );
}
