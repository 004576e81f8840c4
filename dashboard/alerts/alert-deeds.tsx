import { useEffect, useState } from 'react';

import type { ListedAlert } from '../api/answers.ts';
import { useSession } from '../app-context.tsx';
import './alerts.css';
import type { Deeds } from './use-deeds.ts';
import { Verdicts } from './verdicts.tsx';
import { snoozes } from './words.ts';

interface PartProps {
  readonly alert: ListedAlert;
  readonly deeds: Deeds;
}

/** What this role may do with the alert; a refusal says why, and what would do. */
export function AlertDeedsPanel({ alert, deeds }: PartProps): React.ReactNode {
  const { role } = useSession();
  return (
    <div className="alert-deeds">
      {deeds.mayAct ? (
        <StatusDeeds alert={alert} deeds={deeds} />
      ) : (
        <p className="quiet">
          As {role} you read alerts{deeds.maySpeak ? ', comment and judge' : ''}; technicians, operators and
          administrators act on them.
        </p>
      )}
      {deeds.mayAct ? <Assignee alert={alert} deeds={deeds} /> : null}
      <Refusal alert={alert} deeds={deeds} />
      {deeds.maySpeak ? (
        <>
          <div className="alert-deeds-line">
            <span className="quiet">This alert is</span>
            <Verdicts alert={alert} deeds={deeds} />
          </div>
          <Comment alert={alert} deeds={deeds} />
        </>
      ) : null}
    </div>
  );
}

function StatusDeeds({ alert, deeds }: PartProps): React.ReactNode {
  const { status } = alert;
  const undoable = alert.steps.some(({ action }) => action !== 'comment' && action !== 'undo');
  return (
    <div className="alert-deeds-line">
      {status === 'OPEN' ? (
        <button type="button" className="button button-primary" onClick={() => void deeds.acknowledge(alert)}>
          Acknowledge
        </button>
      ) : null}
      {status === 'RESOLVED' ? (
        <button
          type="button"
          className="button"
          onClick={() => void deeds.act(alert, 'reopen', {}, 'Reopened.')}
        >
          Reopen
        </button>
      ) : (
        <>
          <button
            type="button"
            className="button"
            onClick={() => void deeds.act(alert, 'resolve', {}, 'Resolved.')}
          >
            Resolve
          </button>
          <WhenClear alert={alert} deeds={deeds} />
          <select
            aria-label="Snooze for"
            value=""
            onChange={({ target }) => {
              const chosen = snoozes.find(({ words }) => words === target.value);
              if (chosen !== undefined) void deeds.snooze(alert, chosen.forMs, chosen.words);
            }}
          >
            <option value="">Snooze for…</option>
            {snoozes.map(({ words }) => (
              <option key={words}>{words}</option>
            ))}
          </select>
        </>
      )}
      {undoable ? (
        <button type="button" className="button" onClick={() => void deeds.undo(alert.alertId)}>
          Undo the last step
        </button>
      ) : null}
    </div>
  );
}

function WhenClear({ alert, deeds }: PartProps): React.ReactNode {
  if (alert.state === 'OK' || alert.resolveWhenClear) return null;
  return (
    <button
      type="button"
      className="button"
      onClick={() =>
        void deeds.act(alert, 'resolve', { whenClear: true }, 'It is resolved when it is clear.')
      }
    >
      Resolve when clear
    </button>
  );
}

/** Who looks at it: a name that the team knows. */
function Assignee({ alert, deeds }: PartProps): React.ReactNode {
  const { assignee } = alert;
  const [name, setName] = useState(assignee ?? '');
  useEffect(() => setName(assignee ?? ''), [assignee]);
  const given = name.trim();
  const isSame = given === (assignee ?? '');
  return (
    <form
      className="alert-deeds-line"
      onSubmit={(event) => {
        event.preventDefault();
        const done = given === '' ? 'It is nobody’s now.' : `Assigned to ${given}.`;
        void deeds.act(alert, 'assign', { assignee: given === '' ? null : given }, done);
      }}
    >
      <label className="quiet">
        Assigned to{' '}
        <input
          type="text"
          placeholder="nobody"
          maxLength={120}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <button type="submit" className="button button-small" disabled={isSame}>
        {given === '' && !isSame ? 'Unassign' : 'Assign'}
      </button>
    </form>
  );
}

/** Why the last action was refused. */
function Refusal({ deeds }: PartProps): React.ReactNode {
  const { said, forget } = deeds;
  if (said?.kind !== 'refused') return null;
  return (
    <div className="alert-refusal" role="alert">
      <strong>Not done{said.code === 'ALERT_STILL_FIRING' ? ': it still fires' : ''}.</strong> {said.text}{' '}
      <button type="button" className="link-button" onClick={forget}>
        Close
      </button>
    </div>
  );
}

function Comment({ alert, deeds }: PartProps): React.ReactNode {
  const [text, setText] = useState('');
  return (
    <form
      className="alert-comment"
      onSubmit={(event) => {
        event.preventDefault();
        void deeds
          .act(alert, 'comment', { text: text.trim() }, 'The comment is kept.')
          .then((done) => (done ? setText('') : undefined));
      }}
    >
      <textarea
        aria-label="Comment"
        placeholder="Comment…"
        rows={2}
        maxLength={4_000}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button" disabled={text.trim() === ''}>
        Comment
      </button>
    </form>
  );
}
