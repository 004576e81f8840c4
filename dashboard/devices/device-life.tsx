import { useState } from 'react';

import { messageOf } from '../../contracts/errors.ts';
import type { LifeWord } from '../../contracts/device.ts';
import type { ListedEvent, Page } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';
import { useApp, useNow, usePreferences } from '../app-context.tsx';
import { Blank, Failed } from '../blanks/blank.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { useWholeEvent } from '../events/use-whole-event.ts';
import { formatDuration } from '../format/format-number.ts';
import { formatExact, formatListed } from '../format/format-time.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import './device-life.css';
import { changesOf, lifeEventsOf, lifeWordOf, type Stretch, stretchesOf, totalsOf } from './life.ts';
import { LifeMark, lifeLabels } from './life-mark.tsx';

/** The unified types that hold what the platform tells of devices. */
const lifeTypes = ['DEVICE_REGISTERED', 'DEVICE_ONLINE', 'DEVICE_OFFLINE', 'DEVICE_UPDATED'];
const shownAtFirst = 8;

interface DeviceLifeProps {
  readonly deviceId: string;
  readonly spanMs: number;
}

/** Whether it was there, over the chosen range, and what happened to it, newest first. */
export function DeviceLife({ deviceId, spanMs }: DeviceLifeProps): React.ReactNode {
  const { data, error, refetch } = usePoll<Page<ListedEvent>>({
    path: '/events',
    key: ['life', deviceId],
    params: () => ({ deviceId, eventTypes: lifeTypes, toolTypes: ['OPENFRAME'], limit: 200 }),
    everyMs: 5_000,
    keepFormer: false,
  });
  const told = data === undefined ? undefined : lifeEventsOf(data.items);
  return (
    <section className="panel device-section" aria-labelledby="life-title">
      <h2 id="life-title">
        Life <CompletenessNote of={data?.completeness} />
      </h2>
      {told === undefined && error === null ? <Skeleton rows={4} rowHeight={28} /> : null}
      {told === undefined && error !== null ? (
        <Failed what="what happened to it" error={error} onRetry={() => void refetch()} />
      ) : null}
      {told?.length === 0 ? (
        <Blank title="Nothing was told of it: no agent of ours reports as this device" />
      ) : null}
      {told === undefined || told.length === 0 ? null : (
        <>
          <LifeStrip told={told} spanMs={spanMs} />
          <LifeEvents told={told} />
        </>
      )}
    </section>
  );
}

const stateLabels: Readonly<Record<Stretch['state'], string>> = {
  online: 'Online',
  late: 'Late',
  offline: 'Offline',
  unknown: 'Not known',
};

function LifeStrip({
  told,
  spanMs,
}: {
  readonly told: readonly ListedEvent[];
  readonly spanMs: number;
}): React.ReactNode {
  const nowMs = useNow(5_000);
  const [{ zone }] = usePreferences();
  const stretches = stretchesOf(told, nowMs - spanMs, nowMs);
  const totals = totalsOf(stretches);
  const spoken = totals.map(([state, ms]) => `${stateLabels[state]} ${formatDuration(ms)}`).join(', ');
  return (
    <>
      <div className="life-strip" role="img" aria-label={`${spoken}.`}>
        {stretches.map(({ state, fromMs, toMs }) => (
          <span
            key={fromMs}
            className={`life-stretch life-${state}`}
            style={{ flexGrow: (toMs - fromMs) / spanMs }}
            title={`${stateLabels[state]} ${formatDuration(toMs - fromMs)}, from ${formatExact(fromMs, zone)}`}
          />
        ))}
      </div>
      <p className="life-legend" aria-hidden="true">
        {totals.map(([state, ms]) => (
          <span key={state}>
            <i className={`life-swatch life-${state}`} /> {stateLabels[state]}{' '}
            <span className="quiet">{formatDuration(ms)}</span>
          </span>
        ))}
      </p>
    </>
  );
}

function LifeEvents({ told }: { readonly told: readonly ListedEvent[] }): React.ReactNode {
  const [all, setAll] = useState(false);
  const shown = all ? told : told.slice(0, shownAtFirst);
  return (
    <>
      <ol className="life-list">
        {shown.map((event) => (
          <LifeEvent key={event.eventId} event={event} word={lifeWordOf(event) ?? 'changed'} />
        ))}
      </ol>
      {shown.length === told.length ? null : (
        <button type="button" className="button button-small" onClick={() => setAll(true)}>
          Show all {told.length}
        </button>
      )}
    </>
  );
}

function LifeEvent({
  event,
  word,
}: {
  readonly event: ListedEvent;
  readonly word: LifeWord;
}): React.ReactNode {
  const { nowMs } = useApp();
  const [{ zone }] = usePreferences();
  const [open, setOpen] = useState(false);
  const timeMs = Date.parse(event.eventTime);
  return (
    <li className="life-event">
      <time dateTime={event.eventTime} title={formatExact(timeMs, zone)}>
        {formatListed(timeMs, nowMs(), zone)}
      </time>
      <span className={`life-word life-text-${word}`}>
        <LifeMark word={word} /> {lifeLabels[word]}
      </span>
      <span className="life-summary">{event.summary}</span>
      {word === 'changed' ? (
        <button
          type="button"
          className="button button-small"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? 'Hide' : 'What changed'}
        </button>
      ) : null}
      {open ? <Changes eventId={event.eventId} /> : null}
    </li>
  );
}

/** What differs in the inventory, fact by fact. What a device wrote is shown as text alone. */
function Changes({ eventId }: { readonly eventId: string }): React.ReactNode {
  const { data, error } = useWholeEvent(eventId);
  if (error !== null) return <p className="bad-text life-changes">{messageOf(error)}</p>;
  if (data === undefined) return <Skeleton rows={2} rowHeight={24} />;
  return (
    <div className="life-changes" tabIndex={0} role="region" aria-label="What changed, scrollable">
      <table>
        <thead>
          <tr>
            {['Fact', 'Before', 'After'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {changesOf(data.data).map(({ path, from, to }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>{from ?? <span className="quiet">none</span>}</td>
              <td>{to ?? <span className="quiet">none</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
