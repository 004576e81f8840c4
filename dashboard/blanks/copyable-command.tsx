import { useState } from 'react';

import './blank.css';

/** A command to run in a terminal, with a button that copies it. */
export function CopyableCommand({ command }: { readonly command: string }): React.ReactNode {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    // Absent where the page came over plain HTTP from another machine: the text can still be selected.
    await navigator.clipboard?.writeText(command);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  }
  return (
    <div className="command">
      <code tabIndex={0} aria-label="Command">
        {command}
      </code>
      <button type="button" className="button button-small" onClick={() => void copy()}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
