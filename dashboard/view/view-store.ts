import type { RouterHistory } from '@tanstack/react-router';

import { parseView, printView, type View } from './view.ts';

/** The view in the address bar. Each change is a step in the history, so Back undoes it. */
export interface ViewStore {
  readonly view: () => View;
  readonly subscribe: (listener: () => void) => () => void;
  readonly change: (patch: Partial<View>) => void;
}

export function createViewStore(page: Window, history: Pick<RouterHistory, 'push' | 'subscribe'>): ViewStore {
  let view = parseView(page.location.search);
  const listeners = new Set<() => void>();
  function show(next: View): void {
    view = next;
    for (const listener of listeners) listener();
  }
  // The window's own address follows a moment later.
  history.subscribe(({ location }) => show(parseView(location.search)));
  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change(patch) {
      const next = { ...view, ...patch };
      if (printView(next) === printView(view)) return;
      history.push(page.location.pathname + printView(next));
    },
  };
}
