import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';

import { LiveContext } from '../api/live-context.tsx';
import { useAway, useSignOut } from '../app-context.tsx';
import { isWall } from '../wall/wall-state.ts';
import { usePathname, useSearchText } from './address.tsx';
import { Header } from './header.tsx';
import { pageAt, pages } from './pages.ts';
import './header.css';
import './shell.css';
import { Shortcuts } from './shortcuts.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));
const WallPage = lazy(async () => ({ default: (await import('../wall/wall-page.tsx')).WallPage }));

/** What stands around every page; the wall stands alone. */
export function Shell(): React.ReactNode {
  const [paused, setPaused] = useState(false);
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  const signOut = useSignOut();
  const away = useAway();
  const togglePause = useCallback(() => setPaused((former) => !former), []);
  const live = useMemo(() => ({ paused, togglePause }), [paused, togglePause]);
  const showHelp = useCallback(() => setHelp(true), []);
  const hideHelp = useCallback(() => setHelp(false), []);
  const togglePalette = useCallback(() => setPalette((former) => !former), []);
  useShortcuts({ onPause: togglePause, onHelp: showHelp, onPalette: togglePalette });
  const pathname = usePathname();
  const wall = isWall(pathname, useSearchText());
  useTitle(wall ? 'Wall' : (pageAt(pathname) ?? pages[0]).label);
  if (wall) return <Wall />;
  return (
    <LiveContext value={live}>
      <Header onPause={togglePause} onHelp={showHelp} onPalette={togglePalette} onSignOut={signOut} />
      {away ? (
        <div className="reconnecting" role="status">
          The server does not answer. Reconnecting; what you see is from before.
        </div>
      ) : null}
      <div className={away ? 'stale' : ''}>
        <Outlet />
      </div>
      {help ? <Shortcuts onClose={hideHelp} /> : null}
      {palette ? (
        <Suspense fallback={null}>
          <Palette onOpenChange={setPalette} onPause={togglePause} onHelp={showHelp} />
        </Suspense>
      ) : null}
    </LiveContext>
  );
}

/** Nobody stands before it to press anything, so nothing pauses it. */
function Wall(): React.ReactNode {
  const live = useMemo(() => ({ paused: false, togglePause: () => undefined }), []);
  return (
    <LiveContext value={live}>
      <Suspense>
        <WallPage />
      </Suspense>
    </LiveContext>
  );
}

function useTitle(label: string): void {
  useEffect(() => {
    document.title = `${label} · OpenFrame`;
  }, [label]);
}
