import { useState } from 'react';

import { OpenFrameError } from '../../contracts/errors.ts';
import { CopyableCommand } from '../blanks/copyable-command.tsx';
import { Mark } from '../blanks/mark.tsx';
import './sign-in.css';

interface SignInProps {
  /** What a former try or an ended session failed with, or null. */
  readonly error: unknown;
  readonly onToken: (token: string) => Promise<void>;
}

/** Asks for a bearer token. */
export function SignIn({ error, onToken }: SignInProps): React.ReactNode {
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const fault = faultText(error);
  async function submit(event: React.FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    await onToken(token.trim());
    setBusy(false);
  }
  return (
    <main className="sign-in">
      <form className="sign-in-card" onSubmit={(event) => void submit(event)}>
        <h1>
          <Mark /> OpenFrame
        </h1>
        <label htmlFor="token">Access token</label>
        <input
          id="token"
          type="password"
          autoComplete="current-password"
          spellCheck={false}
          value={token}
          aria-invalid={fault !== null}
          aria-describedby="token-fault"
          onChange={(event) => setToken(event.target.value)}
          autoFocus
        />
        <p id="token-fault" className="sign-in-fault" role="alert">
          {fault}
        </p>
        <button type="submit" className="button button-primary" disabled={busy || token.trim() === ''}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
        <p className="quiet">
          Open the link that <code>npm start</code> printed, or make a token on the server:
        </p>
        <CopyableCommand command="npx openframe token --tenant default --role technician" />
      </form>
    </main>
  );
}

function faultText(error: unknown): string | null {
  if (error === null) return null;
  if (!(error instanceof OpenFrameError)) return 'The sign-in failed. Try again.';
  if (error.code === 'TOKEN_EXPIRED') return 'This token has expired. Make a new one with the command below.';
  if (error.code === 'TOKEN_INVALID') {
    return 'The server does not know this token. Check that it was copied whole, or make a new one.';
  }
  return error.message;
}
