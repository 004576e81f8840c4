import type { UseQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';

import type { Device, FacetValue, Page } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';
import { FilteredOut, NothingYet } from '../blanks/blank.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { Unanswered } from '../blanks/unanswered.tsx';
import { formatCount } from '../format/format-number.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { useGo, useSearchText } from '../shell/address.tsx';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { devicePath } from '../shell/pages.ts';
import { Pages } from '../view/pages.tsx';
import { SearchBox } from '../view/search-box.tsx';
import { DeviceList } from './device-list.tsx';
import './devices.css';
import { type DevicesState, parseDevices, printDevices } from './devices-state.ts';

const pageRows = 25;

interface Facets {
  readonly facets: Readonly<Record<'status' | 'organizationId' | 'platform', readonly FacetValue[]>>;
}

function useDevicesState(): readonly [DevicesState, (patch: Partial<DevicesState>) => void] {
  const text = useSearchText();
  const go = useGo();
  const state = useMemo(() => parseDevices(text), [text]);
  const change = useCallback(
    (patch: Partial<DevicesState>) =>
      go(`/devices${printDevices({ ...parseDevices(text), cursor: null, ...patch })}`),
    [go, text],
  );
  return [state, change];
}

/** Every device of the tenant, narrowed by state, organization and words. */
export function DevicesPage(): React.ReactNode {
  const [state, change] = useDevicesState();
  const { data } = useDevicePage(state);
  const onSearch = useCallback((search: string) => change({ search }), [change]);
  return (
    <main className="page devices-page">
      <h1 className="visually-hidden">Devices</h1>
      <section className="panel" id="devices" aria-labelledby="devices-title">
        <header className="panel-head">
          <h2 id="devices-title">Devices</h2>
          <CompletenessNote of={data?.completeness} />
          <span className="spring" />
          <SearchBox
            id="device-search"
            label="Id, host name or organization"
            shortcut="/"
            value={state.search}
            onSearch={onSearch}
          />
        </header>
        <Narrowing state={state} change={change} />
        <Rows state={state} change={change} />
      </section>
    </main>
  );
}

interface PartProps {
  readonly state: DevicesState;
  readonly change: (patch: Partial<DevicesState>) => void;
}

function Narrowing({ state, change }: PartProps): React.ReactNode {
  const { data } = usePoll<Facets>({ path: '/devices/facets', key: [], params: () => ({}), everyMs: 5_000 });
  if (data === undefined) return null;
  const { status, organizationId } = data.facets;
  return (
    <div className="device-narrowing">
      {status.map(({ value, count }) => (
        <button
          key={value}
          type="button"
          className="button button-small"
          aria-pressed={state.status === value}
          onClick={() =>
            change({ status: state.status === value || value === null ? null : (value as Device['status']) })
          }
        >
          {value === 'ONLINE' ? 'Online' : 'Offline'} <span className="quiet">{formatCount(count)}</span>
        </button>
      ))}
      <label className="quiet">
        Organization{' '}
        <select
          value={state.organizationId ?? ''}
          onChange={({ target }) => change({ organizationId: target.value === '' ? null : target.value })}
        >
          <option value="">All</option>
          {organizationId.map(({ value, count }) =>
            value === null ? null : (
              <option key={value} value={value}>
                {value} ({formatCount(count)})
              </option>
            ),
          )}
        </select>
      </label>
    </div>
  );
}

function useDevicePage(state: DevicesState): UseQueryResult<Page<Device>> {
  return usePoll<Page<Device>>({
    path: '/devices',
    key: ['page', state],
    params: () => ({ ...state, limit: pageRows }),
    everyMs: 5_000,
  });
}

function Rows({ state, change }: PartProps): React.ReactNode {
  const go = useGo();
  const open = useCallback((deviceId: string) => go(devicePath(deviceId)), [go]);
  const { data, error, refetch, isPlaceholderData } = useDevicePage(state);
  const of = useRecentRate().data?.completeness;
  if (data === undefined) {
    return (
      <Unanswered rows={10} rowHeight={44} what="devices" error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.items.length === 0) {
    if (printDevices(state) === '') return isLate(of) ? <LateRows what="devices" of={of} /> : <NothingYet />;
    return (
      <FilteredOut
        what="devices"
        onClear={() => change({ search: '', status: null, organizationId: null })}
      />
    );
  }
  const { nextCursor } = data;
  return (
    <div className={isPlaceholderData ? 'dimmed' : ''}>
      <DeviceList devices={data.items} onOpen={open} />
      <Pages
        cursor={state.cursor}
        nextCursor={nextCursor}
        rows={pageRows}
        className="device-narrowing"
        onTurn={(cursor) => change(cursor === null ? {} : { cursor })}
      />
    </div>
  );
}
