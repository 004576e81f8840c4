import { useQueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';

import { isRetryable } from '../contracts/errors.ts';
import { SessionContext, SignOutContext, useApp } from './app-context.tsx';
import type { Session } from './api/answers.ts';
import { isSignedOut } from './api/client.ts';
import type { createAppRouter } from './router.tsx';
import { ServerAway } from './session/server-away.tsx';
import { SignIn } from './session/sign-in.tsx';

type Gate =
  | { readonly state: 'asking' }
  | { readonly state: 'away' }
  | { readonly state: 'out'; readonly error: unknown }
  | { readonly state: 'in'; readonly session: Session };

interface AppProps {
  readonly token: string | null;
  readonly router: ReturnType<typeof createAppRouter>;
}

/** Signs in by the link's token or the cookie, then shows the page. `token` is null without a link. */
export function App({ token, router }: AppProps): React.ReactNode {
  const [gate, signIn, signOut] = useGate(token);
  if (gate.state === 'asking') return null;
  if (gate.state === 'away') return <ServerAway />;
  if (gate.state === 'out') return <SignIn error={gate.error} onToken={signIn} />;
  return (
    <SessionContext value={gate.session}>
      <SignOutContext value={signOut}>
        <RouterProvider router={router} />
      </SignOutContext>
    </SessionContext>
  );
}

function useGate(token: string | null): [Gate, (token: string) => Promise<void>, () => void] {
  const { api } = useApp();
  const queries = useQueryClient();
  const [gate, setGate] = useState<Gate>({ state: 'asking' });
  const pending = useRef(token);
  const enter = useCallback(
    async (given: string | null) => {
      try {
        const session = given === null ? await api.session() : await api.signIn(given);
        pending.current = null;
        setGate({ state: 'in', session });
      } catch (error) {
        if (isRetryable(error)) return setGate({ state: 'away' });
        pending.current = null;
        // Nobody signed in yet is no fault to show.
        setGate({ state: 'out', error: given === null && isSignedOut(error) ? null : error });
      }
    },
    [api],
  );
  useEffect(() => void enter(pending.current), [enter]);
  useEffect(() => {
    if (gate.state !== 'away') return;
    const timer = setInterval(() => void enter(pending.current), 2_000);
    return () => clearInterval(timer);
  }, [gate.state, enter]);
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        if (isSignedOut(query.state.error)) {
          setGate({ state: 'out', error: query.state.error });
          queries.clear();
        }
      }),
    [queries],
  );
  const signOut = useCallback(() => {
    void api
      .signOut()
      .catch(() => undefined)
      .then(() => {
        queries.clear();
        setGate({ state: 'out', error: null });
      });
  }, [api, queries]);
  return [gate, enter, signOut];
}
