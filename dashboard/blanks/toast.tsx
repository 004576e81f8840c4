import { useEffect } from 'react';

import './toast.css';

const shownMs = 10_000;

export interface ToastNote {
  readonly text: string;
  readonly kind: 'done' | 'refused';
}

interface ToastProps {
  readonly note: ToastNote | null;
  readonly forget: () => void;
  /** The way back from what was done; null where there is none. */
  readonly undo: (() => void) | null;
}

/** What was just done, with the way back, or why it was refused: for 10 s. */
export function Toast({ note, forget, undo }: ToastProps): React.ReactNode {
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
          {undo === null ? null : (
            <button type="button" className="button button-small" onClick={undo}>
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
