import { useState } from 'react';

import { messageOf } from '../../contracts/errors.ts';
import { useApp } from '../app-context.tsx';
import { CopyableCommand } from '../blanks/copyable-command.tsx';
import { Dialog } from '../blanks/dialog.tsx';
import './views.css';

interface ShareLinkProps {
  readonly page: string;
  /** The query string to be shared, with moments instead of ranges that move. */
  readonly search: () => string;
}

/** A short link to what this page shows now: whoever of the tenant opens it sees the same numbers. */
export function ShareLink({ page, search }: ShareLinkProps): React.ReactNode {
  const { api } = useApp();
  const [said, setSaid] = useState<{ readonly link?: string; readonly fault?: string } | null>(null);
  async function share(): Promise<void> {
    try {
      const { linkId } = await api.post<{ readonly linkId: string }>('/links', { page, search: search() });
      setSaid({ link: `${window.location.origin}/l/${linkId}` });
    } catch (error) {
      setSaid({ fault: messageOf(error) });
    }
  }
  return (
    <>
      <button type="button" className="button" onClick={() => void share()}>
        Link
      </button>
      {said === null ? null : (
        <Dialog title="Link to these numbers" kind="box" onClose={() => setSaid(null)}>
          {said.link === undefined ? (
            <p className="bad-text" role="alert">
              {said.fault}
            </p>
          ) : (
            <>
              <CopyableCommand command={said.link} />
              <p className="quiet">It stands for this stretch of time, for everybody of this tenant.</p>
            </>
          )}
        </Dialog>
      )}
    </>
  );
}
