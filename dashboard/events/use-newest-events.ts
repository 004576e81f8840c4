import { useCallback, useEffect, useRef, useState } from 'react';

import { useApp } from '../app-context.tsx';
import type { ListedEvent } from '../api/answers.ts';
import type { View } from '../view/view.ts';
import { followEvents } from './follow-events.ts';
import { Newest } from './newest.ts';

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

/** The newest events that the view's filters let through, live; while held, newcomers wait. */
export function useNewestEvents(view: View, isHeld: boolean): NewestEvents {
  const { api, connection } = useApp();
  const visible = useVisible();
  const newest = useRef(new Newest(capacity));
  const held = useRef(isHeld);
  held.current = isHeld;
  const [shown, setShown] = useState<Omit<NewestEvents, 'retry'>>(nothing);
  const [attempt, setAttempt] = useState(0);
  const show = useCallback((error: unknown) => {
    const { size, waitingCount } = newest.current;
    setShown((former) => {
      // A fault leaves the rows of before in place.
      if (error !== null && size === 0) return { ...former, error };
      return { ...former, error, rows: newest.current.rows(), waitingCount };
    });
  }, []);
  const { severities, search, routine } = view;
  const filter = JSON.stringify({ severities, search, routine });
  useEffect(() => {
    newest.current.clear();
    setShown((former) => ({ ...former, droppedCount: 0, waitingCount: 0 }));
  }, [filter]);
  useEffect(() => {
    if (!visible) return;
    return followEvents({
      api,
      connection,
      filter: JSON.parse(filter) as Pick<View, 'severities' | 'search' | 'routine'>,
      newest: newest.current,
      isHeld: () => held.current,
      onChange: () => show(null),
      onError: show,
      onDropped: (count) => setShown((former) => ({ ...former, droppedCount: former.droppedCount + count })),
    });
  }, [api, connection, filter, visible, attempt, show]);
  useEffect(() => {
    if (isHeld || newest.current.size === 0) return;
    newest.current.release();
    show(null);
  }, [isHeld, show]);
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
