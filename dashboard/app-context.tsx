import type { RouterHistory } from '@tanstack/react-router';
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react';

import type { Session } from './api/answers.ts';
import type { Api } from './api/client.ts';
import type { Connection } from './api/connection.ts';
import type { PreferenceStore, Preferences } from './view/preference-store.ts';
import type { ViewStore } from './view/view-store.ts';
import type { View } from './view/view.ts';

/** What the whole page shares; made once in main.tsx. */
export interface AppDependencies {
  readonly api: Api;
  readonly connection: Connection;
  /** The steps that Back undoes. */
  readonly history: Pick<RouterHistory, 'push' | 'replace'>;
  readonly views: ViewStore;
  readonly preferences: PreferenceStore;
  readonly nowMs: () => number;
}

export const AppContext = createContext<AppDependencies | null>(null);
export const SessionContext = createContext<Session | null>(null);

export function useApp(): AppDependencies {
  const app = use(AppContext);
  if (app === null) throw new Error('useApp needs an AppContext around it.');
  return app;
}

export const SignOutContext = createContext<() => void>(() => undefined);

export function useSignOut(): () => void {
  return use(SignOutContext);
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error('useSession needs a SessionContext around it.');
  return session;
}

export function useView(): readonly [View, ViewStore['change']] {
  const { views } = useApp();
  return [useSyncExternalStore(views.subscribe, views.view), views.change];
}

export function usePreferences(): readonly [Preferences, PreferenceStore['change']] {
  const { preferences } = useApp();
  return [useSyncExternalStore(preferences.subscribe, preferences.preferences), preferences.change];
}

export function useAway(): boolean {
  const { connection } = useApp();
  return useSyncExternalStore(connection.subscribe, connection.away);
}

/** The time, moving on every `everyMs`. */
export function useNow(everyMs = 1_000): number {
  const { nowMs } = useApp();
  const [now, setNow] = useState(nowMs);
  useEffect(() => {
    const timer = setInterval(() => setNow(nowMs()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, nowMs]);
  return now;
}
