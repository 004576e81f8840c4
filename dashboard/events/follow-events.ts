import { isAway, apiUrl, type Api } from '../api/client.ts';
import type { Connection } from '../api/connection.ts';
import { fetchNewest, isNotable, type NewestFilter } from './fetch-newest.ts';
import type { Newest } from './newest.ts';
import { openTail } from './open-tail.ts';

interface Following {
  readonly api: Api;
  readonly connection: Connection;
  readonly filter: Required<Omit<NewestFilter, 'deviceId'>>;
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
      const items = await fetchNewest(api, following.filter, pageSize, abort.signal);
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
      const wanted = routine ? events : events.filter(isNotable);
      // Nothing of it is no news: before the first page is there, it would look as if there were no events.
      if (wanted.length === 0) return;
      newest.add(wanted, isHeld());
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
