import { useAway, useNow, usePreferences, useSession } from '../app-context.tsx';
import { useLive } from '../api/live-context.tsx';
import { Mark } from '../blanks/mark.tsx';
import { formatAgo, formatExact } from '../format/format-time.ts';
import { Choices } from '../view/choices.tsx';
import { themes, type Theme } from '../view/preference-store.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { CompleteTo } from './completeness-note.tsx';
import { Navigation } from './navigation.tsx';

interface HeaderProps {
  readonly onPause: () => void;
  readonly onHelp: () => void;
  readonly onPalette: () => void;
  readonly onSignOut: () => void;
}

/** Whose data this is, how fresh and how complete, and how it is shown. */
export function Header({ onPause, onHelp, onPalette, onSignOut }: HeaderProps): React.ReactNode {
  const { tenantId, role } = useSession();
  const [{ zone }, change] = usePreferences();
  return (
    <header className="header">
      <span className="brand">
        <Mark /> OpenFrame
      </span>
      <span className="tenant" title={`Signed in as ${role}`}>
        {tenantId}
      </span>
      <Navigation />
      <Liveness onPause={onPause} />
      <AsOf />
      <span className="spring" />
      <Choices
        label="Time zone"
        options={[
          { value: 'local', label: 'Local' },
          { value: 'utc', label: 'UTC' },
        ]}
        chosen={zone}
        onChoose={(value) => change({ zone: value })}
      />
      <button
        type="button"
        className="button"
        aria-label="Go to, or do: ⌘K"
        title="Go to, or do (⌘K)"
        onClick={onPalette}
      >
        <kbd>⌘K</kbd>
      </button>
      <ThemeButton />
      <button
        type="button"
        className="button button-icon"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={onHelp}
      >
        ?
      </button>
      <button type="button" className="button" onClick={onSignOut}>
        Sign out
      </button>
    </header>
  );
}

function Liveness({ onPause }: { readonly onPause: () => void }): React.ReactNode {
  const { paused } = useLive();
  const away = useAway();
  const [state, word] = away ? ['away', 'Reconnecting'] : paused ? ['paused', 'Paused'] : ['live', 'Live'];
  return (
    <button
      type="button"
      className={`liveness liveness-${state}`}
      aria-pressed={paused}
      title={paused ? 'Follow again (p)' : 'Stand still (p)'}
      onClick={onPause}
    >
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
        {paused ? (
          <path d="M2 1h2v8H2zM6 1h2v8H6z" fill="currentColor" />
        ) : (
          <circle cx="5" cy="5" r="4" fill="currentColor" />
        )}
      </svg>
      {word}
    </button>
  );
}

/** Up to when everything accepted is in the newest figures; where they are old, how old. */
function AsOf(): React.ReactNode {
  const nowMs = useNow();
  const [{ zone }] = usePreferences();
  const { data, dataUpdatedAt } = useRecentRate();
  if (data?.completeness === undefined) return <span className="as-of" />;
  const isOld = nowMs - dataUpdatedAt > 60_000;
  return (
    <span className="as-of" title={`As of ${formatExact(dataUpdatedAt, zone)}`}>
      <CompleteTo of={data.completeness} />
      {isOld ? ` (as of ${formatAgo(dataUpdatedAt, nowMs)})` : ''}
    </span>
  );
}

const themeMarks: Readonly<Record<Theme, React.ReactNode>> = {
  system: <path d="M2 3h12v8H2zM6 14h4M8 11v3" />,
  light: (
    <path d="M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1" />
  ),
  dark: <path d="M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z" />,
};

function ThemeButton(): React.ReactNode {
  const [{ theme }, change] = usePreferences();
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  return (
    <button
      type="button"
      className="button button-icon"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme} (t)`}
      onClick={() => change({ theme: next })}
    >
      <svg
        viewBox="0 0 16 16"
        width="16"
        height="16"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
      >
        {themeMarks[theme]}
      </svg>
    </button>
  );
}
