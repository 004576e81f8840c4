import { useCallback } from 'react';

import { useView } from '../app-context.tsx';
import { FilteredOut, NothingYet } from '../blanks/blank.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { Unanswered } from '../blanks/unanswered.tsx';
import { useRecentRate } from '../overview/use-figures.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { Choices } from '../view/choices.tsx';
import { SearchBox } from '../view/search-box.tsx';
import { DeviceList } from './device-list.tsx';
import { DevicePages } from './device-pages.tsx';
import './devices.css';
import { useDevices } from './use-devices.ts';

const statuses = [
  { value: 'all', label: 'All' },
  { value: 'ONLINE', label: 'Online' },
  { value: 'OFFLINE', label: 'Offline' },
] as const;

/** The devices and what they do now. */
export function DeviceTable(): React.ReactNode {
  const [view, change] = useView();
  const { data } = useDevices(view);
  const onSearch = useCallback(
    (deviceSearch: string) => change({ deviceSearch, deviceCursor: null }),
    [change],
  );
  return (
    <section className="panel" id="devices" aria-labelledby="devices-title">
      <header className="panel-head">
        <h2 id="devices-title">Devices</h2>
        <CompletenessNote of={data?.completeness} />
        <span className="spring" />
        <Choices
          label="State"
          options={statuses}
          chosen={view.deviceStatus ?? 'all'}
          onChoose={(value) => change({ deviceStatus: value === 'all' ? null : value, deviceCursor: null })}
        />
        <SearchBox
          id="device-search"
          label="Find a device"
          shortcut="/"
          value={view.deviceSearch}
          onSearch={onSearch}
        />
      </header>
      <DeviceRows />
    </section>
  );
}

function DeviceRows(): React.ReactNode {
  const [view, change] = useView();
  const { data, error, refetch, isPlaceholderData } = useDevices(view);
  const of = useRecentRate().data?.completeness;
  const open = useCallback((device: string) => change({ device }), [change]);
  if (data === undefined) {
    return <Unanswered rows={3} rowHeight={44} what="devices" error={error} onRetry={() => void refetch()} />;
  }
  if (data.items.length === 0) {
    if (view.deviceSearch === '' && view.deviceStatus === null)
      return isLate(of) ? <LateRows what="devices" of={of} /> : <NothingYet />;
    const clear = { deviceSearch: '', deviceStatus: null, deviceCursor: null };
    return <FilteredOut what="devices" onClear={() => change(clear)} />;
  }
  return (
    <div className={isPlaceholderData ? 'stale' : ''}>
      <DeviceList devices={data.items} onOpen={open} />
      <DevicePages shown={data.items.length} next={data.nextCursor} />
    </div>
  );
}
