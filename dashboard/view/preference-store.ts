export type Theme = 'system' | 'light' | 'dark';
export type Zone = 'local' | 'utc';

/** What a person likes, remembered in this browser: it changes how rows look, never which. */
export interface Preferences {
  readonly theme: Theme;
  readonly zone: Zone;
}

export interface PreferenceStore {
  readonly preferences: () => Preferences;
  readonly subscribe: (listener: () => void) => () => void;
  readonly change: (patch: Partial<Preferences>) => void;
}

const storageKey = 'openframe.preferences';
export const themes = ['system', 'light', 'dark'] as const satisfies readonly Theme[];

export function createPreferenceStore(page: Window): PreferenceStore {
  let preferences = readPreferences(remembered(page));
  const listeners = new Set<() => void>();
  function apply(): void {
    page.document.documentElement.dataset['theme'] = preferences.theme;
  }
  apply();
  return {
    preferences: () => preferences,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change(patch) {
      preferences = { ...preferences, ...patch };
      remember(page, preferences);
      apply();
      for (const listener of listeners) listener();
    },
  };
}

/** Reads what was stored; anything unknown falls back to the system's theme and local time. */
export function readPreferences(text: string | null): Preferences {
  const stored = parseObject(text);
  const theme = themes.find((one) => one === stored['theme']) ?? 'system';
  return { theme, zone: stored['zone'] === 'utc' ? 'utc' : 'local' };
}

function parseObject(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

// A browser may forbid storage; the page then forgets, and works.
function remembered(page: Window): string | null {
  try {
    return page.localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function remember(page: Window, preferences: Preferences): void {
  try {
    page.localStorage.setItem(storageKey, JSON.stringify(preferences));
  } catch {
    return;
  }
}
