import { useCallback, useEffect, useRef, useState } from 'react';

import { useApp } from '../app-context.tsx';
import type { ListedEvent, Page } from '../api/answers.ts';
import { apiUrl } from '../api/client.ts';
import { useLive } from '../api/live-context.tsx';
import type { View } from '../view/view.ts';
import { Newest } from './newest.ts';
import { openTail } from './open-tail.ts';

export interface NewestEvents {
  /** Undefined until the first answer. */
  readonly rows: readonly ListedEvent[] | undefined;
  readonly waitingCount: number;
  readonly droppedCount: number;
  readonly error: unknown;
  readonly retry: () => void;
}

const capacity = 200;
const nothing = { rows: undefined, waitingCount: 0, droppedCount: 0, error: null };

/** The newest events that the view's filters let through, live. */
export function useNewestEvents(view: View): NewestEvents {
  const { api, connection } = useApp();
  const { paused } = useLive();
  const visible = useVisible();
  const newest = useRef(new Newest(capacity));
  const held = useRef(paused);
  held.current = paused;
  const [shown, setShown] = useState<Omit<NewestEvents, 'retry'>>(nothing);
  const [attempt, setAttempt] = useState(0);
  const show = useCallback(
    (more: Partial<NewestEvents> = {}) =>
      setShown((former) => ({
        ...former,
        error: null,
        rows: newest.current.rows(),
        waitingCount: newest.current.waitingCount,
        ...more,
      })),
    [],
  );
  const { severities, search } = view;
  const filter = JSON.stringify({ severities, search });
  useEffect(() => {
    newest.current.clear();
    setShown((former) => ({ ...former, droppedCount: 0, waitingCount: 0 }));
  }, [filter]);
  useEffect(() => {
    if (!visible) return;
    const abort = new AbortController();
    const asked = JSON.parse(filter) as Pick<View, 'severities' | 'search'>;
    async function catchUp(): Promise<void> {
      try {
        const page = await api.get<Page<ListedEvent>>('/events', { ...asked, limit: 100 }, abort.signal);
        newest.current.add(page.items.toReversed(), held.current && newest.current.rows().length > 0);
        show();
      } catch (error) {
        if (!abort.signal.aborted) show({ error });
      }
    }
    const close = openTail(apiUrl('/events/tail', asked), {
      // Whatever came between two connections is on the page of the newest.
      onOpen: () => {
        connection.report(false);
        void catchUp();
      },
      onLost: () => undefined,
      onEvents: (events) => {
        newest.current.add(events, held.current);
        show();
      },
      onDropped: (count) => setShown((former) => ({ ...former, droppedCount: former.droppedCount + count })),
    });
    void catchUp();
    return () => {
      abort.abort();
      close();
    };
  }, [api, connection, filter, visible, attempt, show]);
  useEffect(() => {
    if (paused) return;
    newest.current.release();
    setShown((former) =>
      former.rows === undefined ? former : { ...former, rows: newest.current.rows(), waitingCount: 0 },
    );
  }, [paused]);
  return { ...shown, retry: () => setAttempt((former) => former + 1) };
}

/** False while the tab is hidden. */
function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const follow = (): void => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', follow);
    return () => document.removeEventListener('visibilitychange', follow);
  }, []);
  return visible;
}
