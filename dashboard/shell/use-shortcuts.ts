import { useEffect, useRef } from 'react';

import { usePreferences } from '../app-context.tsx';
import { themes } from '../view/preference-store.ts';
import { useGo } from './address.tsx';
import { pages } from './pages.ts';

/** So long after `g` a letter goes to its page. */
const sequenceMs = 1_500;
/** When `g` was pressed last, where it was not. Zero would be when the page was opened. */
const never = Number.NEGATIVE_INFINITY;

interface ShortcutActions {
  readonly onPalette: () => void;
  readonly onPause: () => void;
  readonly onHelp: () => void;
}

/** What the keys do, in the order of the help. */
export const shortcuts = [
  { key: '⌘K', does: 'Go to a page or device, or do something' },
  {
    key: 'g …',
    does: 'Go to: o overview, i inbox, n noise, w windows, r rules, e explore, d devices, p pipelines, q query, b bench',
  },
  { key: '/', does: 'Search on this page' },
  { key: 'f', does: 'Filter events' },
  { key: 'j k', does: 'Next and previous row of Explore; Enter opens it' },
  { key: 'j k e s', does: 'Inbox: next and previous alert, acknowledge, snooze for an hour; Enter opens' },
  { key: 'p', does: 'Pause and resume' },
  { key: 't', does: 'Change the theme' },
  { key: '?', does: 'Show these shortcuts' },
  { key: 'Esc', does: 'Close a panel, leave a field' },
] as const;

/** Runs the page's shortcuts; keys that a person types into a field are left alone. */
export function useShortcuts({ onPause, onHelp, onPalette }: ShortcutActions): void {
  const go = useGo();
  const afterG = useRef(never);
  const [{ theme }, change] = usePreferences();
  useEffect(() => {
    const actions: Readonly<Record<string, () => void>> = {
      '/': () => document.querySelector<HTMLElement>('[data-search]')?.focus(),
      g: () => (afterG.current = performance.now()),
      f: () => document.getElementById('event-search')?.focus(),
      p: onPause,
      t: () => change({ theme: themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system' }),
      '?': onHelp,
    };
    function onKey(event: KeyboardEvent): void {
      if (event.key === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        return onPalette();
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) {
        if (event.key === 'Escape') target.blur();
        return;
      }
      if (document.querySelector('dialog[open], [cmdk-dialog]') !== null) return;
      const page = pages.find(({ key }) => key === event.key);
      if (page !== undefined && performance.now() - afterG.current < sequenceMs) {
        event.preventDefault();
        afterG.current = never;
        return go(page.path);
      }
      const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
      if (action === undefined) return;
      event.preventDefault();
      action();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onPause, onHelp, onPalette, theme, change, go]);
}
