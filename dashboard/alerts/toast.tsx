import { useEffect } from 'react';

import './alerts.css';
import type { Deeds } from './use-deeds.ts';

/** So long it stays; the way to undo stays on the alert's page. */
const shownMs = 10_000;

/** What was just done, with the way back, or why it was refused. */
export function Toast({ deeds }: { readonly deeds: Deeds }): React.ReactNode {
  const { said, forget, undo } = deeds;
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(forget, shownMs);
    return () => clearTimeout(timer);
  }, [said, forget]);
  return (
    <div className="toast-place" role="status">
      {said === null ? null : (
        <div className={`toast toast-${said.kind}`}>
          <span>{said.text}</span>
          {said.undoable ? (
            <button type="button" className="button button-small" onClick={() => void undo(said.alertId)}>
              Undo
            </button>
          ) : null}
          <button type="button" className="button button-small" aria-label="Close the note" onClick={forget}>
            ✕
          </button>
        </div>
      )}
    </div>
  );
}
