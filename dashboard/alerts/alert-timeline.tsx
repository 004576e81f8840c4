import type { ListedAlert } from '../api/answers.ts';
import { usePreferences } from '../app-context.tsx';
import { formatCount } from '../format/format-number.ts';
import { formatExact } from '../format/format-time.ts';
import type { Zone } from '../view/preference-store.ts';
import { Moment } from './alert-row.tsx';
import './alerts.css';
import { statusLabels } from './words.ts';

type Step = ListedAlert['steps'][number];

/** What happened, oldest first: what was reported, and what people did, with the token that did it. */
export function AlertTimeline({ alert }: { readonly alert: ListedAlert }): React.ReactNode {
  const [{ zone }] = usePreferences();
  const { firstEventTime, lastEventTime, count, state } = alert;
  const entries = [
    { at: firstEventTime, what: <strong>First report</strong>, by: 'stream' },
    ...alert.steps.map((step) => ({ at: step.at, what: <StepWords step={step} zone={zone} />, by: step.by })),
    {
      at: lastEventTime,
      what: (
        <>
          <strong>Last report</strong>
          {count === 1 ? ', the only one' : `, ${formatCount(count)} in all`}
          {endings[state]}
        </>
      ),
      by: 'stream',
    },
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <ol className="alert-timeline">
      {entries.map(({ at, what, by }, index) => (
        <li key={`${at} ${index}`}>
          <Moment at={at} />
          <span>{what}</span>
          <span className="quiet">{by}</span>
        </li>
      ))}
    </ol>
  );
}

const endings: Readonly<Record<ListedAlert['state'], string>> = {
  FIRING: '; it still fires',
  LATE: '; its device is late, so nobody can tell',
  NO_DATA: '; its device gives no data, so nobody can tell',
  OK: '; it is clear',
};

const words: Readonly<Record<Step['action'], string>> = {
  acknowledge: 'Acknowledged',
  snooze: 'Snoozed until',
  resolve: 'Resolved',
  'resolve-when-clear': 'To be resolved when clear',
  reopen: 'Reopened',
  assign: 'Assigned to',
  comment: 'Comment:',
  feedback: 'Verdict:',
  undo: 'Last step undone',
};

function StepWords({ step, zone }: { readonly step: Step; readonly zone: Zone }): React.ReactNode {
  const { action, detail, before, after } = step;
  const shown =
    action === 'snooze'
      ? formatExact(Number(detail), zone)
      : action === 'assign'
        ? (detail ?? 'nobody')
        : detail;
  return (
    <>
      <strong>{words[action]}</strong> {shown}
      {before === after ? null : (
        <span className="quiet">
          {' '}
          ({statusLabels[before]} → {statusLabels[after]})
        </span>
      )}
    </>
  );
}
