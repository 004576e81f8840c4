import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { AlertRule } from '../../contracts/alert-rule.ts';
import { messageOf } from '../../contracts/errors.ts';
import type { RuleTrial, TriedAlert } from '../../contracts/rule-trial.ts';
import { useApp, usePreferences } from '../app-context.tsx';
import { formatCount } from '../format/format-number.ts';
import { formatExact } from '../format/format-time.ts';
import { PageLink } from '../shell/address.tsx';
import { alertPath } from '../shell/pages.ts';

const spans = [
  { hours: 1, words: 'the last hour' },
  { hours: 24, words: 'the last day' },
  { hours: 72, words: 'the last 3 days' },
] as const;
const shown = 10;

/** What the rule would have done on what is stored, asked before it is in force. */
export function Trial({ rule }: { readonly rule: AlertRule | null }): React.ReactNode {
  const { api } = useApp();
  const [hours, setHours] = useState(24);
  const trial = useMutation({
    mutationFn: (tried: AlertRule) => api.post<RuleTrial>('/rules/test', { rule: tried, hours }),
  });
  return (
    <section className="preview" aria-label="What it would have done">
      <div className="form-deeds">
        <button
          type="button"
          className="button"
          disabled={rule === null || trial.isPending}
          onClick={() => rule !== null && trial.mutate(rule)}
        >
          {trial.isPending ? 'Trying…' : 'Try it'}
        </button>
        <label>
          on{' '}
          <select value={hours} onChange={({ target }) => setHours(Number(target.value))}>
            {spans.map((span) => (
              <option key={span.hours} value={span.hours}>
                {span.words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div aria-live="polite">
        {trial.error === null ? null : <p className="bad-text">{messageOf(trial.error)}</p>}
        {trial.data === undefined ? null : <Outcome trial={trial.data} />}
      </div>
    </section>
  );
}

function Outcome({ trial }: { readonly trial: RuleTrial }): React.ReactNode {
  const [{ zone }] = usePreferences();
  const { events, fromMs, toMs, alertsBefore, alertsAfter, gained, lost, missed } = trial;
  if (fromMs === null || toMs === null) return <p className="quiet">No event of that time is stored.</p>;
  return (
    <>
      <p>
        {formatCount(events)} events from {formatExact(fromMs, zone)} to {formatExact(toMs, zone)}:{' '}
        {formatCount(alertsBefore)} alerts with the rules in force, {formatCount(alertsAfter)} with this one.
      </p>
      <Tried title="Would have come" alerts={gained} none="None would have come." />
      <Tried title="Would have gone" alerts={lost} none="None would have gone." />
      {missed.length === 0 ? (
        <p>No alert that somebody called useful would have been missed.</p>
      ) : (
        <>
          <h3 className="bad-text">Called useful, and missed</h3>
          <ul>
            {missed.map(({ alertId, title }) => (
              <li key={alertId}>
                <PageLink href={alertPath(alertId)}>{title}</PageLink>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

interface TriedProps {
  readonly title: string;
  readonly alerts: readonly TriedAlert[];
  readonly none: string;
}

function Tried({ title, alerts, none }: TriedProps): React.ReactNode {
  if (alerts.length === 0) return <p>{none}</p>;
  return (
    <>
      <h3>
        {title}: {formatCount(alerts.length)}
      </h3>
      <ul>
        {alerts.slice(0, shown).map(({ title: what, score, count, firstEventTimeMs }, i) => (
          <li key={`${firstEventTimeMs} ${i}`}>
            {what}{' '}
            <span className="quiet">
              score {score.toFixed(0)}, {formatCount(count)} reports
            </span>
          </li>
        ))}
      </ul>
      {alerts.length > shown ? <p className="quiet">and {formatCount(alerts.length - shown)} more</p> : null}
    </>
  );
}
