import { Command } from 'cmdk';
import { useState } from 'react';

import type { Device, Page } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';
import { usePreferences } from '../app-context.tsx';
import { useGo } from './address.tsx';
import { devicePath, pages } from './pages.ts';
import './shell.css';

interface PaletteProps {
  readonly onOpenChange: (open: boolean) => void;
  readonly onPause: () => void;
  readonly onHelp: () => void;
}

/** Everything one can go to or do, found by typing (⌘K); open as long as it is there. */
export function Palette({ onOpenChange, onPause, onHelp }: PaletteProps): React.ReactNode {
  const [text, setText] = useState('');
  const go = useGo();
  const search = text.trim();
  const devices = usePoll<Page<Device>>({
    path: '/devices',
    key: ['palette', search],
    params: () => ({ search, limit: 8 }),
    everyMs: 60_000,
    enabled: search !== '',
  });
  const run = (act: () => void) => () => {
    onOpenChange(false);
    act();
  };
  const found = search === '' ? [] : (devices.data?.items ?? []);
  return (
    <Command.Dialog
      open
      onOpenChange={onOpenChange}
      label="Go to, or do"
      overlayClassName="palette-overlay"
      contentClassName="palette"
    >
      <Command.Input placeholder="Page, device, words of an event…" value={text} onValueChange={setText} />
      <Command.List>
        <Command.Empty>Nothing of that name.</Command.Empty>
        <Command.Group heading="Pages">
          {pages.map(({ path, label, key }) => (
            <Command.Item key={path} value={`page ${label}`} onSelect={run(() => go(path))}>
              {label} <kbd>g {key}</kbd>
            </Command.Item>
          ))}
        </Command.Group>
        {search === '' ? null : (
          <Command.Group heading="Search">
            <Command.Item
              value={`search ${search}`}
              onSelect={run(() => go(`/explore?search=${encodeURIComponent(search)}`))}
            >
              Events with “{search}”
            </Command.Item>
            {found.map(({ deviceId, hostname, organizationName }) => (
              <Command.Item
                key={deviceId}
                value={`device ${deviceId} ${hostname ?? ''} ${organizationName ?? ''}`}
                onSelect={run(() => go(devicePath(deviceId)))}
              >
                {hostname ?? deviceId} <span className="quiet">{organizationName}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        <Deeds run={run} onPause={onPause} onHelp={onHelp} />
      </Command.List>
    </Command.Dialog>
  );
}

interface DeedsProps {
  readonly run: (act: () => void) => () => void;
  readonly onPause: () => void;
  readonly onHelp: () => void;
}

/** What can be done from anywhere. */
function Deeds({ run, onPause, onHelp }: DeedsProps): React.ReactNode {
  const [preferences, change] = usePreferences();
  return (
    <Command.Group heading="Do">
      <Command.Item onSelect={run(onPause)}>Pause or resume</Command.Item>
      <Command.Item onSelect={run(() => change({ theme: preferences.theme === 'dark' ? 'light' : 'dark' }))}>
        {preferences.theme === 'dark' ? 'Light theme' : 'Dark theme'}
      </Command.Item>
      <Command.Item onSelect={run(() => change({ zone: preferences.zone === 'utc' ? 'local' : 'utc' }))}>
        {preferences.zone === 'utc' ? 'Local time' : 'UTC'}
      </Command.Item>
      <Command.Item onSelect={run(onHelp)}>Keyboard shortcuts</Command.Item>
    </Command.Group>
  );
}
