import type { ListedEvent } from '../api/answers.ts';
import { EventRow } from './event-row.tsx';
import './events.css';

interface EventListProps {
  readonly events: readonly ListedEvent[];
  readonly withHost: boolean;
  /** The one event that is shown whole, or null. */
  readonly openId: string | null;
  readonly onToggle: (eventId: string) => void;
}

/** Events in lines, of which one may be open. */
export function EventList({ events, withHost, openId, onToggle }: EventListProps): React.ReactNode {
  return (
    <ol className="event-list">
      {events.map((event) => (
        <EventRow
          key={event.eventId}
          event={event}
          withHost={withHost}
          open={event.eventId === openId}
          onToggle={onToggle}
        />
      ))}
    </ol>
  );
}
