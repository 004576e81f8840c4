/** Whether the server answers. Components read it through `useSyncExternalStore`. */
export interface Connection {
  readonly away: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
  /** One call or stream came through, or did not. */
  readonly report: (away: boolean) => void;
}

export function createConnection(): Connection {
  let away = false;
  const listeners = new Set<() => void>();
  return {
    away: () => away,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    report(next) {
      if (next === away) return;
      away = next;
      for (const listener of listeners) listener();
    },
  };
}
