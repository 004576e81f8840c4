import { useEffect } from 'react';

import type { ListedAlert } from '../api/answers.ts';
import { useGo } from '../shell/address.tsx';
import { alertPath } from '../shell/pages.ts';
import type { Deeds } from './use-deeds.ts';
import { snoozes } from './words.ts';

interface InboxKeys {
  readonly alerts: readonly ListedAlert[];
  /** The alert that keys act on; the first where it is none of them. */
  readonly chosen: string | null;
  readonly choose: (alertId: string) => void;
  readonly deeds: Deeds;
}

/** j and k move through the queue, e acknowledges, s snoozes, Enter opens. What is dealt with gives way to the next. */
export function useInboxKeys({ alerts, chosen, choose, deeds }: InboxKeys): void {
  const go = useGo();
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (!isForInbox(event)) return;
      const found = alerts.findIndex(({ alertId }) => alertId === chosen);
      const at = Math.max(found, 0);
      const alert = alerts[at];
      if (alert === undefined) return;
      const next = alerts[at + 1] ?? alerts[at - 1];
      const move = (to: ListedAlert | undefined): void => (to === undefined ? undefined : choose(to.alertId));
      const dealt = (act: (alert: ListedAlert) => Promise<boolean>): void => {
        if (deeds.mayAct) void act(alert).then((done) => (done ? move(next) : undefined));
      };
      const [{ forMs, words }] = snoozes;
      const does: Readonly<Record<string, () => void>> = {
        j: () => move(found < 0 ? alert : alerts[at + 1]),
        k: () => move(found < 0 ? alert : alerts[at - 1]),
        e: () => (alert.status === 'OPEN' ? dealt(deeds.acknowledge) : undefined),
        s: () => dealt((one) => deeds.snooze(one, forMs, words)),
        Enter: () => go(alertPath(alert.alertId)),
      };
      if (Object.hasOwn(does, event.key)) does[event.key]?.();
    }
    // The page's own shortcuts are heard at the document, before: what they took is none of ours.
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [alerts, chosen, choose, deeds, go]);
}

function isForInbox({
  key,
  target,
  ctrlKey,
  metaKey,
  altKey,
  defaultPrevented,
  repeat,
}: KeyboardEvent): boolean {
  if (defaultPrevented || ctrlKey || metaKey || altKey) return false;
  if (repeat && key !== 'j' && key !== 'k') return false;
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return false;
  if (key === 'Enter' && (target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement))
    return false;
  return document.querySelector('dialog[open], [cmdk-dialog]') === null;
}
