import { Dialog } from '../blanks/dialog.tsx';
import type { SettingDeeds } from './use-setting.ts';

interface SettingDialogProps {
  readonly title: string;
  readonly deeds: SettingDeeds;
  /** What is wrong with it as it stands; it is not saved then. */
  readonly fault?: string | null;
  readonly savable?: boolean;
  /** Resolves to whether it was saved. */
  readonly onSave: () => Promise<boolean>;
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}

/** The form of a setting at the side: says why it is not saved, and closes once it is. */
export function SettingDialog({
  title,
  deeds,
  fault = null,
  savable = true,
  onSave,
  onClose,
  children,
}: SettingDialogProps): React.ReactNode {
  const said = fault ?? (deeds.note?.kind === 'refused' ? deeds.note.text : null);
  return (
    <Dialog title={title} kind="side" onClose={onClose}>
      <form
        className="setting-form"
        onSubmit={(event) => {
          event.preventDefault();
          void onSave().then((saved) => (saved ? onClose() : undefined));
        }}
      >
        {children}
        {said === null ? null : (
          <p className="bad-text" role="alert">
            {said}
          </p>
        )}
        <div className="form-deeds">
          <button type="submit" className="button button-primary" disabled={!savable}>
            Save
          </button>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
