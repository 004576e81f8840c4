import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';

import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import type { Role } from '../../contracts/tenant.ts';
import type { ListedAlert } from '../api/answers.ts';
import { useApp, useSession } from '../app-context.tsx';
import type { ToastNote } from '../blanks/toast.tsx';

/** The last thing that was done here, or refused. */
export interface Said extends ToastNote {
  readonly alertId: string;
  readonly code: string | null;
  readonly undoable: boolean;
}

export interface Deeds {
  readonly said: Said | null;
  readonly forget: () => void;
  /** Does it and says `done`; resolves to whether it was done. */
  readonly act: (
    alert: Pick<ListedAlert, 'alertId'>,
    action: string,
    body: object,
    done: string,
  ) => Promise<boolean>;
  readonly acknowledge: (alert: Pick<ListedAlert, 'alertId'>) => Promise<boolean>;
  /** One after the other; what is refused keeps none of the others. */
  readonly acknowledgeAll: (alerts: readonly Pick<ListedAlert, 'alertId'>[]) => Promise<void>;
  readonly snooze: (alert: Pick<ListedAlert, 'alertId'>, forMs: number, words: string) => Promise<boolean>;
  readonly undo: (alertId: string) => Promise<boolean>;
  readonly mayAct: boolean;
  readonly maySpeak: boolean;
}

const actors: readonly Role[] = ['technician', 'operator', 'admin'];
/** What `undo` does not take back. */
const final = ['undo', 'comment'];
const acknowledging = ['acknowledge', {}, 'Acknowledged.'] as const;

/** What one may do with alerts, and what came of it. Everything about alerts is asked for again afterwards. */
export function useDeeds(): Deeds {
  const { api, nowMs } = useApp();
  const { role } = useSession();
  const queries = useQueryClient();
  const [said, setSaid] = useState<Said | null>(null);
  const post = useCallback<Deeds['act']>(
    async ({ alertId }, action, body, done) => {
      try {
        await api.post(`/alerts/${encodeURIComponent(alertId)}/${action}`, body);
        setSaid({ alertId, text: done, kind: 'done', code: null, undoable: !final.includes(action) });
        return true;
      } catch (error) {
        const code = error instanceof OpenFrameError ? error.code : null;
        setSaid({ alertId, text: messageOf(error), kind: 'refused', code, undoable: false });
        return false;
      }
    },
    [api],
  );
  const askAgain = useCallback(
    () =>
      queries.invalidateQueries({
        predicate: ({ queryKey: [path] }) => typeof path === 'string' && /^\/(alerts|incidents)/.test(path),
      }),
    [queries],
  );
  const act = useCallback<Deeds['act']>(
    async (...deed) => {
      const isDone = await post(...deed);
      await askAgain();
      return isDone;
    },
    [post, askAgain],
  );
  const mayAct = actors.includes(role);
  return {
    said,
    forget: useCallback(() => setSaid(null), []),
    act,
    acknowledge: (alert) => act(alert, ...acknowledging),
    async acknowledgeAll(alerts) {
      for (const alert of alerts) await post(alert, ...acknowledging);
      await askAgain();
    },
    snooze: (alert, forMs, words) =>
      act(alert, 'snooze', { until: new Date(nowMs() + forMs).toISOString() }, `Snoozed for ${words}.`),
    undo: (alertId) => act({ alertId }, 'undo', {}, 'Undone.'),
    mayAct,
    maySpeak: mayAct || role === 'analyst',
  };
}
