import { useCallback, useMemo, useState } from 'react';

import { alertStatuses } from '../../contracts/alert.ts';
import type { ListedAlert } from '../api/answers.ts';
import { Blank, FilteredOut } from '../blanks/blank.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { Unanswered } from '../blanks/unanswered.tsx';
import { formatCount } from '../format/format-number.ts';
import { PageLink, useGo, useSearchText } from '../shell/address.tsx';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { Pages } from '../view/pages.tsx';
import { SearchBox } from '../view/search-box.tsx';
import { AlertRow } from './alert-row.tsx';
import './alerts.css';
import { DeedToast } from './deed-toast.tsx';
import { type InboxState, parseInbox, printInbox } from './inbox-state.ts';
import { inboxRows, useAlertChanges, useAlertStats, useInbox } from './use-alerts.ts';
import { type Deeds, useDeeds } from './use-deeds.ts';
import { useInboxKeys } from './use-inbox-keys.ts';
import { statusLabels } from './words.ts';

interface PartProps {
  readonly state: InboxState;
  readonly change: (patch: Partial<InboxState>) => void;
}

/** The alerts of the tenant, what deserves a look first. */
export function Inbox(): React.ReactNode {
  const text = useSearchText();
  const go = useGo();
  const state = useMemo(() => parseInbox(text), [text]);
  const change = useCallback(
    (patch: Partial<InboxState>) =>
      go(`/inbox${printInbox({ ...parseInbox(text), cursor: null, ...patch })}`),
    [go, text],
  );
  const onSearch = useCallback((search: string) => change({ search }), [change]);
  const deeds = useDeeds();
  useAlertChanges();
  const { data } = useInbox(state);
  return (
    <main className="page">
      <h1 className="visually-hidden">Inbox</h1>
      <section className="panel" aria-labelledby="inbox-title">
        <header className="panel-head">
          <h2 id="inbox-title">Inbox</h2>
          <CompletenessNote of={data?.completeness} />
          <span className="spring" />
          <SearchBox
            id="alert-search"
            label="Part of the title"
            shortcut="/"
            value={state.search}
            onSearch={onSearch}
          />
        </header>
        <Statuses state={state} change={change} />
        <Queue state={state} change={change} deeds={deeds} />
      </section>
      <DeedToast deeds={deeds} />
    </main>
  );
}

/** What people made of the alerts, with how many of each there are. */
function Statuses({ state, change }: PartProps): React.ReactNode {
  const { data } = useAlertStats({ told: true });
  return (
    <div className="alert-statuses" role="group" aria-label="Status">
      {[...alertStatuses, null].map((status) => {
        const count = status === null ? data?.total : data?.byStatus[status];
        return (
          <button
            key={status}
            type="button"
            className="button button-small"
            aria-pressed={state.status === status}
            onClick={() => change({ status })}
          >
            {status === null ? 'All' : statusLabels[status]}{' '}
            <span className="quiet alert-count">{count === undefined ? '' : formatCount(count)}</span>
          </button>
        );
      })}
      <span className="quiet alert-keys">
        <kbd>j</kbd> <kbd>k</kbd> move · <kbd>Enter</kbd> opens · <kbd>e</kbd> acknowledges · <kbd>s</kbd>{' '}
        snoozes
      </span>
    </div>
  );
}

const none: readonly ListedAlert[] = [];

function Queue({ state, change, deeds }: PartProps & { readonly deeds: Deeds }): React.ReactNode {
  const [chosen, choose] = useState<string | null>(null);
  const { data, error, refetch, isPlaceholderData } = useInbox(state);
  const alerts = data?.items ?? none;
  useInboxKeys({ alerts, chosen, choose, deeds });
  if (data === undefined) {
    return (
      <Unanswered rows={8} rowHeight={84} what="the alerts" error={error} onRetry={() => void refetch()} />
    );
  }
  if (alerts.length === 0) return <NoAlerts state={state} change={change} />;
  return (
    <div className={isPlaceholderData ? 'dimmed' : ''}>
      <ol className="alert-list" aria-label="Alerts, the highest score first">
        {alerts.map((alert) => (
          <AlertRow key={alert.alertId} alert={alert} chosen={alert.alertId === chosen} deeds={deeds} />
        ))}
      </ol>
      <Pages
        cursor={state.cursor}
        nextCursor={data.nextCursor}
        rows={inboxRows}
        className="alert-statuses"
        onTurn={(cursor) => change(cursor === null ? {} : { cursor })}
      />
    </div>
  );
}

function NoAlerts({ state, change }: PartProps): React.ReactNode {
  const { data } = useAlertStats({ told: true });
  if (state.search !== '') return <FilteredOut what="alerts" onClear={() => change({ search: '' })} />;
  const of = data?.completeness;
  if (data === undefined || data.total === 0) {
    if (isLate(of)) return <LateRows what="alerts" of={of} />;
    return (
      <Blank
        title="There is no alert"
        action={
          <PageLink className="button" href="/explore">
            Explore the events
          </PageLink>
        }
      >
        <p>
          Events of severity Warning and above become alerts by themselves, ranked by how unusual they are.
        </p>
      </Blank>
    );
  }
  const title =
    state.status === null
      ? 'No alert on this page'
      : `No alert is ${statusLabels[state.status].toLowerCase()}`;
  return (
    <Blank
      title={title}
      action={
        <button type="button" className="button" onClick={() => change({ status: null })}>
          Show all {formatCount(data.total)}
        </button>
      }
    />
  );
}
