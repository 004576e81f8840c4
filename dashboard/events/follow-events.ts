import { isAway, apiUrl, type Api } from '../api/client.ts';
import type { ListedEvent, Page } from '../api/answers.ts';
import type { Connection } from '../api/connection.ts';
import type { Newest } from './newest.ts';
import { openTail } from './open-tail.ts';

interface Following {
  readonly api: Api;
  readonly connection: Connection;
  readonly filter: {
    readonly severities: readonly string[];
    readonly search: string;
    readonly routine: boolean;
  };
  /** Where the events go. */
  readonly newest: Newest;
  readonly isHeld: () => boolean;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
  readonly onDropped: (count: number) => void;
}

const pageSize = 100;

/**
 * Fills `newest` with the newest page and then with what comes, until the returned function is called. After
 * each lost connection the page is asked for again, as it has what came in between.
 */
export function followEvents(following: Following): () => void {
  const { api, connection, newest, isHeld } = following;
  const { routine, ...filter } = following.filter;
  const abort = new AbortController();
  async function catchUp(): Promise<void> {
    try {
      const items = await newestPage(api, following.filter, abort.signal);
      connection.report(false);
      newest.add(items.toReversed(), isHeld() && newest.size > 0);
      following.onChange();
    } catch (error) {
      if (abort.signal.aborted) return;
      connection.report(isAway(error));
      following.onError(error);
    }
  }
  const close = openTail(apiUrl('/events/tail', filter), {
    onOpen: () => void catchUp(),
    onLost: () => void catchUp(),
    onEvents(events) {
      newest.add(routine ? events : events.filter(isNotable), isHeld());
      following.onChange();
    },
    onDropped: following.onDropped,
  });
  void catchUp();
  return () => {
    abort.abort();
    close();
  };
}

async function newestPage(
  api: Api,
  { routine, ...filter }: Following['filter'],
  signal: AbortSignal,
): Promise<readonly ListedEvent[]> {
  const page = { ...filter, limit: pageSize };
  if (routine) return (await api.get<Page<ListedEvent>>('/events', page, signal)).items;
  const { facets } = await api.get<EventTypeFacets>('/events/facets', { ...filter, limit: 100 }, signal);
  const eventTypes = facets.eventType
    .map(({ value }) => value)
    .filter((type) => !routineTypes.includes(type));
  if (eventTypes.length === 0) return [];
  return (await api.get<Page<ListedEvent>>('/events', { ...page, eventTypes }, signal)).items;
}

interface EventTypeFacets {
  readonly facets: { readonly eventType: readonly { readonly value: string }[] };
}

/** What every device sends all the time, so that it would push away all else. */
const routineTypes: readonly string[] = ['SYSTEM_MONITORING', 'DEVICE_HEARTBEAT'];

function isNotable({ eventType }: ListedEvent): boolean {
  return !routineTypes.includes(eventType);
}
