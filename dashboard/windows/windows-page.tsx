import { useState } from 'react';

import type { Role } from '../../contracts/tenant.ts';
import { useApp, useSession } from '../app-context.tsx';
import { Failed } from '../blanks/blank.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { Toast } from '../blanks/toast.tsx';
import '../settings/settings.css';
import { type SettingDeeds, useSettingDeeds } from '../settings/use-setting.ts';
import { type ListedWindow, plannedBody, useListedWindows } from './use-windows.ts';
import { WindowDialog } from './window-dialog.tsx';
import { formOfWindow, newWindowForm, type WindowForm } from './window-form-state.ts';
import { isNow, WindowTimes } from './window-times.tsx';

const planners: readonly Role[] = ['technician', 'operator', 'admin'];

/** Maintenance windows: when trouble is expected, of what. */
export function WindowsPage(): React.ReactNode {
  const { nowMs } = useApp();
  const { role } = useSession();
  const { data, error, refetch } = useListedWindows();
  const deeds = useSettingDeeds('/windows');
  const [form, setForm] = useState<WindowForm | null>(null);
  const mayPlan = planners.includes(role);
  const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const open = (next: WindowForm): void => {
    deeds.forget();
    setForm(next);
  };
  return (
    <main className="page">
      <h1 className="visually-hidden">Maintenance windows</h1>
      <section className="panel" aria-labelledby="windows-title">
        <header className="panel-head">
          <h2 id="windows-title">Maintenance windows</h2>
          <span className="spring" />
          {mayPlan ? (
            <button
              type="button"
              className="button button-primary"
              onClick={() => open(newWindowForm(nowMs(), ownZone))}
            >
              Plan a window
            </button>
          ) : null}
        </header>
        {data === undefined && error !== null ? (
          <Failed what="the windows" error={error} onRetry={() => void refetch()} />
        ) : null}
        {data === undefined && error === null ? <Skeleton rows={3} rowHeight={70} /> : null}
        {data?.items.length === 0 ? (
          <p className="setting-none quiet">
            None is planned. Within a window alerts are counted and kept out of sight; what still goes on at
            its end is shown.
          </p>
        ) : null}
        <ul className="setting-list">
          {(data?.items ?? []).map((window) => (
            <WindowRow key={window.windowId} window={window}>
              {mayPlan ? <RowDeeds window={window} deeds={deeds} onEdit={open} /> : null}
            </WindowRow>
          ))}
        </ul>
      </section>
      {form === null ? null : <WindowDialog start={form} deeds={deeds} onClose={() => setForm(null)} />}
      <Toast note={deeds.note} forget={deeds.forget} undo={deeds.note?.undo ?? null} />
    </main>
  );
}

interface WindowRowProps {
  readonly window: ListedWindow;
  readonly children: React.ReactNode;
}

function WindowRow({ window, children }: WindowRowProps): React.ReactNode {
  const { deviceIds, organizationIds, ruleIds, timeZone, recurrence } = window;
  const of = [
    ...(deviceIds === undefined ? [] : [`Devices ${deviceIds.join(', ')}`]),
    ...(organizationIds === undefined ? [] : [`Organizations ${organizationIds.join(', ')}`]),
    ...(ruleIds === undefined ? [] : [`Checks ${ruleIds.join(', ')}`]),
  ];
  return (
    <li className="setting-row">
      <div className="setting-what">
        <strong>{window.title}</strong>
        <span className="quiet">
          {of.length === 0 ? 'Everything' : of.join('; ')}. {recurrence ?? 'Once'}, by the clocks of{' '}
          {timeZone}.
        </span>
        <WindowTimes times={window.times} />
      </div>
      <div className="setting-deeds">{children}</div>
    </li>
  );
}

interface RowDeedsProps {
  readonly window: ListedWindow;
  readonly deeds: SettingDeeds;
  readonly onEdit: (form: WindowForm) => void;
}

function RowDeeds({ window, deeds, onEdit }: RowDeedsProps): React.ReactNode {
  const { nowMs } = useApp();
  const { windowId, title, times } = window;
  const at = `/windows/${encodeURIComponent(windowId)}`;
  const again = { path: '/windows', body: plannedBody(window), done: `${title} is planned again.` };
  const goesOn = times[0] !== undefined && isNow(times[0], nowMs());
  return (
    <>
      {goesOn ? (
        <button
          type="button"
          className="button button-small"
          aria-label={`End now: ${title}`}
          onClick={() => void deeds.act(`${at}/end`, {}, `${title} is over.`, again)}
        >
          End now
        </button>
      ) : null}
      <button
        type="button"
        className="button button-small"
        aria-label={`Change ${title}`}
        onClick={() => onEdit(formOfWindow(window))}
      >
        Change
      </button>
      <button
        type="button"
        className="button button-small"
        aria-label={`Delete ${title}`}
        onClick={() => void deeds.act(`${at}/remove`, {}, `${title} is deleted.`, again)}
      >
        Delete
      </button>
    </>
  );
}
