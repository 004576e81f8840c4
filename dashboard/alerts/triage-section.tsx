import type { Claim, Hypothesis } from '../../contracts/triage.ts';
import { deterministicName } from '../../contracts/triage.ts';
import { messageOf } from '../../contracts/errors.ts';
import { Unanswered } from '../blanks/unanswered.tsx';
import { exploreHref } from '../explore/explore-state.ts';
import { formatCount } from '../format/format-number.ts';
import { PageLink } from '../shell/address.tsx';
import { alertPath, devicePath } from '../shell/pages.ts';
import { Moment } from './alert-row.tsx';
import './triage.css';
import { type ListedEvidence, type ListedTriage, type TriageProgress, useTriage } from './use-triage.ts';
import type { WholeIncident } from './use-incidents.ts';
import { evidenceLabels } from './words.ts';

interface TriageSectionProps {
  readonly incident: Pick<WholeIncident, 'incidentId' | 'alerts' | 'hidden' | 'state'>;
  /** Whoever may act on alerts may have the model asked. */
  readonly mayAsk: boolean;
}

/** What is made of an incident: what it is, what may be behind it, and what to look at next. */
export function TriageSection({ incident, mayAsk }: TriageSectionProps): React.ReactNode {
  const { incidentId, alerts, hidden, state } = incident;
  const { read, ask, stop, progress, error } = useTriage(incidentId, `${alerts} ${hidden} ${state}`);
  const { data } = read;
  return (
    <section className="panel alert-section triage" aria-labelledby="triage-title">
      <h2 id="triage-title">Triage {data === undefined ? null : <MadeBy triage={data} />}</h2>
      {data !== undefined ? (
        <>
          <Told triage={data} />
          {progress !== null ? (
            <Asking progress={progress} model={data.model?.name ?? ''} onStop={stop} />
          ) : (
            <AskLine triage={data} mayAsk={mayAsk} onAsk={() => void ask()} />
          )}
          {error === null ? null : (
            <p role="alert" className="bad-text">
              The model could not be asked: {messageOf(error)}
            </p>
          )}
        </>
      ) : (
        <Unanswered
          rows={4}
          rowHeight={28}
          what="the triage"
          error={read.error}
          onRetry={() => void read.refetch()}
        />
      )}
    </section>
  );
}

function MadeBy({ triage }: { readonly triage: ListedTriage }): React.ReactNode {
  const { madeBy, madeAt, current } = triage;
  return (
    <span className="quiet">
      · {madeBy === deterministicName ? 'by rules, deterministic' : `by ${madeBy}`}, <Moment at={madeAt} />
      {current ? '' : '; the evidence has changed since'}
    </span>
  );
}

function Told({ triage }: { readonly triage: ListedTriage }): React.ReactNode {
  const { summary, hypotheses, nextCheck, cannotBeTold, fallback, struck, leftOut, evidence } = triage;
  const byId = new Map(evidence.map((row) => [row.id, row]));
  return (
    <>
      {fallback === null ? null : (
        <p className="triage-note">{fallback.message} These are the rules’ findings.</p>
      )}
      <Claims claims={summary} byId={byId} />
      <h3>What may be behind it</h3>
      {cannotBeTold === null ? null : <p>It cannot be told. {cannotBeTold}</p>}
      {hypotheses.length === 0 ? null : (
        <ol className="triage-hypotheses" aria-label="Hypotheses, the most likely first">
          {hypotheses.map((hypothesis, at) => (
            <Supposed key={`${at} ${hypothesis.cause}`} hypothesis={hypothesis} byId={byId} />
          ))}
        </ol>
      )}
      <h3>What to look at next</h3>
      {nextCheck === null ? (
        <p className="quiet">Nothing was suggested.</p>
      ) : (
        <Claims claims={[nextCheck]} byId={byId} />
      )}
      {struck === 0 ? null : (
        <p className="triage-note">
          {struck === 1 ? 'One claim was' : `${formatCount(struck)} claims were`} struck out: what{' '}
          {struck === 1 ? 'it cites' : 'they cite'} is not among the evidence.
        </p>
      )}
      <details>
        <summary>
          Evidence: {formatCount(evidence.length)} rows
          {leftOut === 0 ? '' : `, ${formatCount(leftOut)} more left out`}
        </summary>
        <ul className="triage-evidence" aria-label="Evidence">
          {evidence.map((row) => (
            <li key={row.id}>
              <Cited row={row} /> <span>{row.text}</span>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

type ById = ReadonlyMap<string, ListedEvidence>;

function Supposed({
  hypothesis,
  byId,
}: {
  readonly hypothesis: Hypothesis;
  readonly byId: ById;
}): React.ReactNode {
  const { cause, likelihood, because } = hypothesis;
  return (
    <li>
      <strong>{cause}</strong> <span className="quiet">{likelihood}</span>
      <Claims claims={because} byId={byId} />
    </li>
  );
}

function Claims({
  claims,
  byId,
}: {
  readonly claims: readonly Claim[];
  readonly byId: ById;
}): React.ReactNode {
  return (
    <ul className="triage-claims">
      {claims.map(({ text, evidence }, at) => (
        <li key={`${at} ${text}`}>
          {text}{' '}
          {evidence.map((id) => {
            const row = byId.get(id);
            return row === undefined ? null : <Cited key={id} row={row} />;
          })}
        </li>
      ))}
    </ul>
  );
}

/** A row's id, leading to what the row is about. */
function Cited({ row }: { readonly row: ListedEvidence }): React.ReactNode {
  const words = `${evidenceLabels[row.kind]}: ${row.text}`;
  return (
    <PageLink className="triage-cited" href={placeOf(row)} title={words} aria-label={`${row.id}, ${words}`}>
      {row.id}
    </PageLink>
  );
}

const aroundMs = 60_000;

function placeOf({ alertId, eventId, deviceId, at }: ListedEvidence): string {
  if (eventId !== null && at !== null) {
    const atMs = Date.parse(at);
    return exploreHref({
      event: eventId,
      deviceId,
      zoom: { fromMs: atMs - aroundMs, toMs: atMs + aroundMs },
    });
  }
  if (alertId !== null) return alertPath(alertId);
  return deviceId === null ? '/inbox' : devicePath(deviceId);
}

interface AskLineProps {
  readonly triage: ListedTriage;
  readonly mayAsk: boolean;
  readonly onAsk: () => void;
}

function AskLine({ triage, mayAsk, onAsk }: AskLineProps): React.ReactNode {
  const { model, madeBy, current, tokens } = triage;
  const taken = tokens.input + tokens.output;
  const cost = tokens.costUsd === null ? '' : `, $${tokens.costUsd.toFixed(4)}`;
  return (
    <div className="alert-deeds-line">
      {model === null || !mayAsk || (madeBy === model.name && current) ? null : (
        <button type="button" className="button" disabled={model.tokensLeft === 0} onClick={onAsk}>
          Ask {model.name}
        </button>
      )}
      <span className="quiet">
        {taken === 0 ? '' : `It took ${formatCount(taken)} tokens${cost}. `}
        {model === null
          ? 'No model is set up, so none is asked.'
          : `${formatCount(model.tokensLeft)} tokens are left for today.`}
      </span>
    </div>
  );
}

interface AskingProps {
  readonly progress: TriageProgress;
  readonly model: string;
  readonly onStop: () => void;
}

function Asking({ progress, model, onStop }: AskingProps): React.ReactNode {
  const { stage, attempt, received } = progress;
  const words = {
    asking: `${model} is asked…`,
    waiting: `${model} has no time now; try ${attempt + 1} follows…`,
    answering: `${model} answers: ${formatCount(received)} characters so far…`,
  };
  return (
    <div className="alert-deeds-line">
      <span role="status">{words[stage]}</span>
      <button type="button" className="button" onClick={onStop}>
        Stop
      </button>
    </div>
  );
}
