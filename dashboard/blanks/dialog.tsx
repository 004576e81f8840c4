import { useEffect, useId, useRef } from 'react';

import './dialog.css';

interface DialogProps {
  readonly title: string;
  /** A box in the middle, or a panel at the side. */
  readonly kind: 'box' | 'side';
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}

/** A modal dialog: the browser keeps the focus in it and gives it back. Closes by Esc, by its button and by a click outside. */
export function Dialog({ title, kind, onClose, children }: DialogProps): React.ReactNode {
  const box = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      className={`dialog dialog-${kind}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="dialog-content">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="button button-icon" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
