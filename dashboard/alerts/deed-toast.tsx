import { Toast } from '../blanks/toast.tsx';
import type { Deeds } from './use-deeds.ts';

/** What was just done with an alert. The way to undo stays on the alert's page. */
export function DeedToast({ deeds: { said, forget, undo } }: { readonly deeds: Deeds }): React.ReactNode {
  return (
    <Toast
      note={said}
      forget={forget}
      undo={said?.undoable === true ? () => void undo(said.alertId) : null}
    />
  );
}
