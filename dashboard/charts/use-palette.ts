import { useEffect, useState } from 'react';

import { usePreferences } from '../app-context.tsx';

/** Colours of the style sheet as a canvas understands them. */
export type Palette = (token: string) => string;

/** The palette of the theme that shows; a new function whenever that theme changes. */
export function usePalette(): Palette {
  const [{ theme }] = usePreferences();
  const [systemDark, setSystemDark] = useState(() => darkQuery().matches);
  useEffect(() => {
    const query = darkQuery();
    const follow = (): void => setSystemDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  const shown = theme === 'system' ? (systemDark ? 'dark' : 'light') : theme;
  return palettes[shown];
}

const palettes = { light: createPalette('light'), dark: createPalette('dark') } as const;

function darkQuery(): MediaQueryList {
  return window.matchMedia('(prefers-color-scheme: dark)');
}

/** light-dark() is resolved only in a used colour, so a hidden element is asked for it. */
function createPalette(scheme: 'light' | 'dark'): Palette {
  const known = new Map<string, string>();
  return (token) => {
    const former = known.get(token);
    if (former !== undefined) return former;
    const probe = document.createElement('span');
    probe.hidden = true;
    probe.style.colorScheme = scheme;
    probe.style.color = `var(--${token})`;
    document.body.append(probe);
    const color = getComputedStyle(probe).color;
    probe.remove();
    known.set(token, color);
    return color;
  };
}
