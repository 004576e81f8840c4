import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';

import { messageOf } from '../../contracts/errors.ts';
import { useApp } from '../app-context.tsx';
import type { ToastNote } from '../blanks/toast.tsx';

/** What was done last, or refused, and how it is taken back. */
interface SettingNote extends ToastNote {
  readonly undo: (() => void) | null;
}

export interface SettingDeeds {
  readonly note: SettingNote | null;
  readonly forget: () => void;
  /** Posts it and says `done`, with the way back if there is one; resolves to whether it was done. */
  readonly act: (
    path: string,
    body: object,
    done: string,
    back?: { readonly path: string; readonly body: object; readonly done: string },
  ) => Promise<boolean>;
}

/** Changes settings of one kind; their list at `listPath` is asked for again afterwards. */
export function useSettingDeeds(listPath: string): SettingDeeds {
  const { api } = useApp();
  const queries = useQueryClient();
  const [note, setNote] = useState<SettingNote | null>(null);
  const post = useCallback(
    async (path: string, body: object, said: SettingNote): Promise<boolean> => {
      try {
        await api.post(path, body);
        setNote(said);
        return true;
      } catch (error) {
        setNote({ text: messageOf(error), kind: 'refused', undo: null });
        return false;
      } finally {
        await queries.invalidateQueries({ queryKey: [listPath] });
      }
    },
    [api, queries, listPath],
  );
  return {
    note,
    forget: useCallback(() => setNote(null), []),
    act: (path, body, done, back) => {
      const undo =
        back === undefined
          ? null
          : () => void post(back.path, back.body, { text: back.done, kind: 'done', undo: null });
      return post(path, body, { text: done, kind: 'done', undo });
    },
  };
}
