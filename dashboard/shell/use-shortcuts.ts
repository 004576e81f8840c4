import { useEffect } from 'react';

import { usePreferences } from '../app-context.tsx';
import { themes } from '../view/preference-store.ts';

interface ShortcutActions {
  readonly onPause: () => void;
  readonly onHelp: () => void;
}

/** What the keys do, in the order of the help. */
export const shortcuts = [
  { key: '/', does: 'Find a device' },
  { key: 'f', does: 'Filter events' },
  { key: 'p', does: 'Pause and resume' },
  { key: 't', does: 'Change the theme' },
  { key: '?', does: 'Show these shortcuts' },
  { key: 'Esc', does: 'Close a panel, leave a field' },
] as const;

/** Runs the page's shortcuts; keys that a person types into a field are left alone. */
export function useShortcuts({ onPause, onHelp }: ShortcutActions): void {
  const [{ theme }, change] = usePreferences();
  useEffect(() => {
    const actions: Readonly<Record<string, () => void>> = {
      '/': () => document.getElementById('device-search')?.focus(),
      f: () => document.getElementById('event-search')?.focus(),
      p: onPause,
      t: () => change({ theme: themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system' }),
      '?': onHelp,
    };
    function onKey(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (target instanceof HTMLInputElement) {
        if (event.key === 'Escape') target.blur();
        return;
      }
      if (document.querySelector('dialog[open]') !== null) return;
      const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
      if (action === undefined) return;
      event.preventDefault();
      action();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onPause, onHelp, theme, change]);
}
