import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { messageOf } from '../../contracts/errors.ts';
import type { DeadLetter } from '../../contracts/dead-letter.ts';
import type { Completeness } from '../../contracts/completeness.ts';
import type { Page } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';
import { useApp, usePreferences, useSession } from '../app-context.tsx';
import { Blank, Failed } from '../blanks/blank.tsx';
import { Dialog } from '../blanks/dialog.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { formatCount } from '../format/format-number.ts';
import { formatExact, formatListed } from '../format/format-time.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { PageLink } from '../shell/address.tsx';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { textOfBytes } from './text-of-bytes.ts';
import './dead-letters.css';

interface Reason {
  readonly topology: string;
  readonly stage: string;
  readonly reason: string;
  readonly count: number;
}
type Chosen = Pick<Reason, 'stage' | 'reason'> | null;

/** What could not be processed: by stage and reason, each to look at, and to send through again. */
export function DeadLetters(): React.ReactNode {
  const [chosen, setChosen] = useState<Chosen>(null);
  const reasons = usePoll<Page<Reason>>({
    path: '/dead-letters/reasons',
    key: [],
    params: () => ({}),
    everyMs: 10_000,
  });
  const { data, error, refetch } = reasons;
  const recent = useRecentRate();
  return (
    <section className="panel" aria-labelledby="dead-letters-title">
      <header className="panel-head">
        <h2 id="dead-letters-title">Dead letters</h2>
        <span className="quiet">Events of this tenant that no stage could process; none is lost</span>
        <CompletenessNote of={recent.data?.completeness} />
      </header>
      {data === undefined && error === null ? <Skeleton rows={3} rowHeight={32} /> : null}
      {data === undefined && error !== null ? (
        <Failed what="the dead letters" error={error} onRetry={() => void refetch()} />
      ) : null}
      {data?.items.length === 0 ? <NoLetters of={recent.data?.completeness} /> : null}
      {data === undefined || data.items.length === 0 ? null : (
        <>
          <Reasons reasons={data.items} chosen={chosen} onChoose={setChosen} />
          <Letters chosen={chosen} />
        </>
      )}
    </section>
  );
}

function NoLetters({ of }: { readonly of: Completeness | undefined }): React.ReactNode {
  if (isLate(of) && of.late.pipelines.length > 0) return <LateRows what="dead letters" of={of} />;
  return (
    <Blank
      title="Nothing was left behind"
      action={
        <PageLink className="button" href="/explore">
          Explore the events
        </PageLink>
      }
    >
      <p>Every event that was accepted has passed its stages.</p>
    </Blank>
  );
}

interface ReasonsProps {
  readonly reasons: readonly Reason[];
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
}

function Reasons({ reasons, chosen, onChoose }: ReasonsProps): React.ReactNode {
  return (
    <div className="letter-reasons">
      {reasons.map(({ topology, stage, reason, count }) => {
        const on = chosen?.stage === stage && chosen.reason === reason;
        return (
          <button
            key={`${topology} ${stage} ${reason}`}
            type="button"
            className="button button-small"
            aria-pressed={on}
            onClick={() => onChoose(on ? null : { stage, reason })}
          >
            {topology} · {stage}: {reason} <strong>{formatCount(count)}</strong>
          </button>
        );
      })}
      {/* Anew for each choice: what was counted is not what another one would send. */}
      <Replay key={JSON.stringify(chosen)} chosen={chosen} />
    </div>
  );
}

/** Sends what is chosen through again, after saying how much that is. */
function Replay({ chosen }: { readonly chosen: Chosen }): React.ReactNode {
  const { api } = useApp();
  const { role } = useSession();
  const queries = useQueryClient();
  const [said, setSaid] = useState<string | null>(null);
  const [asked, setAsked] = useState<number | null>(null);
  const allowed = role === 'operator' || role === 'admin';
  async function replay(dryRun: boolean): Promise<void> {
    try {
      const report = await api.post<{ replayed: number; refused: number }>('/dead-letters/replay', {
        ...chosen,
        dryRun,
      });
      setAsked(dryRun && report.replayed > 0 ? report.replayed : null);
      setSaid(saidOf(report, dryRun));
      if (!dryRun) await queries.invalidateQueries();
    } catch (error) {
      setAsked(null);
      setSaid(messageOf(error));
    }
  }
  if (!allowed) return <span className="quiet">Operators and administrators may send them again.</span>;
  return (
    <>
      <span className="spring" />
      {said === null ? null : (
        <span className="quiet" role="status">
          {said}
        </span>
      )}
      {asked === null ? (
        <button type="button" className="button button-small" onClick={() => void replay(true)}>
          Replay {chosen === null ? 'all' : 'these'}…
        </button>
      ) : (
        <>
          <button
            type="button"
            className="button button-small button-primary"
            onClick={() => void replay(false)}
          >
            Send {formatCount(asked)} again
          </button>
          <button type="button" className="button button-small" onClick={() => setAsked(null)}>
            Cancel
          </button>
        </>
      )}
    </>
  );
}

function saidOf(
  { replayed, refused }: { readonly replayed: number; readonly refused: number },
  dryRun: boolean,
): string | null {
  const are =
    refused === 1 ? '1 failed too often and is' : `${formatCount(refused)} failed too often and are`;
  const left = refused === 0 ? '' : `${are} left alone.`;
  if (!dryRun) return `${formatCount(replayed)} sent again. ${left}`.trim();
  if (replayed === 0 && refused === 0) return 'There is nothing to send.';
  return left === '' ? null : left;
}

function Letters({ chosen }: { readonly chosen: Chosen }): React.ReactNode {
  const [{ zone }] = usePreferences();
  const { nowMs } = useApp();
  const [open, setOpen] = useState<DeadLetter | null>(null);
  const { data, error, refetch } = usePoll<Page<DeadLetter>>({
    path: '/dead-letters',
    key: [chosen],
    params: () => ({ stage: chosen?.stage, reason: chosen?.reason, limit: 100 }),
    everyMs: 10_000,
  });
  if (data === undefined && error !== null)
    return <Failed what="these dead letters" error={error} onRetry={() => void refetch()} />;
  return (
    <div className="letters" tabIndex={0} role="region" aria-label="Dead letters, scrollable">
      {data?.items.map((letter) => (
        <button key={letter.deadLetterId} type="button" className="row-line" onClick={() => setOpen(letter)}>
          <time>{formatListed(letter.deadLetteredAtMs, nowMs(), zone)}</time>
          <span className="row-type" title={`${letter.stage}: ${letter.reason}`}>
            {letter.reason}
          </span>
          <span className="row-summary">{letter.error ?? textOfBytes(letter.value).slice(0, 200)}</span>
        </button>
      ))}
      {open === null ? null : <Letter letter={open} onClose={() => setOpen(null)} />}
    </div>
  );
}

function Letter({ letter, onClose }: { letter: DeadLetter; onClose: () => void }): React.ReactNode {
  const [{ zone }] = usePreferences();
  const { value, ...rest } = letter;
  return (
    <Dialog title={`${letter.stage}: ${letter.reason}`} kind="side" onClose={onClose}>
      <p>{letter.error ?? 'The stage gave no message.'}</p>
      <p className="quiet">
        {formatExact(letter.deadLetteredAtMs, zone)}, from {letter.topic} {letter.partition}/{letter.offset},
        {letter.sender === undefined ? '' : `sent by ${letter.sender}, `}
        {letter.replays === 1 ? 'replayed once' : `replayed ${letter.replays} times`}
      </p>
      <h3>Bytes, as text</h3>
      <pre className="event-json" tabIndex={0} aria-label="The bytes as text">
        {textOfBytes(value)}
      </pre>
      <h3>All else</h3>
      <pre className="event-json" tabIndex={0} aria-label="The dead letter">
        {JSON.stringify(rest, null, 2)}
      </pre>
    </Dialog>
  );
}
