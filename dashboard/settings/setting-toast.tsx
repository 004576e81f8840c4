import { useEffect } from 'react';

import '../alerts/alerts.css';
import type { SettingDeeds } from './use-setting.ts';

const shownMs = 10_000;

/** What was just done, with the way back, or why it was refused. */
export function SettingToast({ deeds }: { readonly deeds: SettingDeeds }): React.ReactNode {
  const { note, forget } = deeds;
  useEffect(() => {
    if (note === null) return;
    const timer = setTimeout(forget, shownMs);
    return () => clearTimeout(timer);
  }, [note, forget]);
  return (
    <div className="toast-place" role="status">
      {note === null ? null : (
        <div className={`toast toast-${note.kind}`}>
          <span>{note.text}</span>
          {note.undo === null ? null : (
            <button type="button" className="button button-small" onClick={() => void note.undo?.()}>
              Undo
            </button>
          )}
          <button type="button" className="button button-small" aria-label="Close the note" onClick={forget}>
            ✕
          </button>
        </div>
      )}
    </div>
  );
}
