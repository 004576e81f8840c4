import { Dialog } from '../blanks/dialog.tsx';
import { shortcuts } from './use-shortcuts.ts';

/** The help for the keyboard. */
export function Shortcuts({ onClose }: { readonly onClose: () => void }): React.ReactNode {
  return (
    <Dialog title="Keyboard shortcuts" kind="box" onClose={onClose}>
      <dl className="shortcuts">
        {shortcuts.map(({ key, does }) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
