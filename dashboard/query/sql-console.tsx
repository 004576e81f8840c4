import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { Completeness } from '../../contracts/completeness.ts';
import { messageOf } from '../../contracts/errors.ts';
import { useApp } from '../app-context.tsx';
import { Blank, Failed } from '../blanks/blank.tsx';
import { CopyableCommand } from '../blanks/copyable-command.tsx';
import { isLate, LateRows } from '../blanks/late-rows.tsx';
import { formatDuration } from '../format/format-number.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { PageLink, useGo, useSearchText } from '../shell/address.tsx';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { Editor, firstLine, LanguageChoice, Picks, RunButton } from './console-parts.tsx';
import { readHistory, remember } from './history.ts';
import './query.css';
import { parseSql, printSql, type SqlAnswer, sqlAsCurl, sqlExamples, type SqlTables } from './sql-state.ts';
import { SqlTable } from './sql-table.tsx';

const historyKey = 'openframe.sql';

/** SQL on analytics, of this tenant alone. */
export function SqlConsole(): React.ReactNode {
  const address = useSearchText();
  const go = useGo();
  const given = useMemo(() => parseSql(address), [address]);
  const [draft, setDraft] = useState(given);
  const [history, setHistory] = useState(() => readHistory(window.localStorage, historyKey));
  useEffect(() => setDraft(given), [given]);
  const { shown, running, run, cancel } = useSql();
  function start(explain: boolean): void {
    const next = printSql(draft);
    if (next !== address) go(`/query${next}`);
    setHistory(remember(window.localStorage, { text: draft, variables: '' }, historyKey));
    void run(draft, explain);
  }
  function onKey(event: React.KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    start(false);
  }
  return (
    <div className="query-console" onKeyDown={onKey}>
      <section className="panel" aria-labelledby="query-title">
        <header className="panel-head">
          <h2 id="query-title" className="visually-hidden">
            SQL
          </h2>
          <LanguageChoice chosen="sql" />
          <span className="spring" />
          <Picks label="Examples" items={sqlExamples} onPick={({ text }) => setDraft(text)} />
          <Picks
            label="History"
            items={history.map((one) => ({ ...one, name: firstLine(one.text) }))}
            onPick={({ text }) => setDraft(text)}
          />
          <button type="button" className="button" disabled={running} onClick={() => start(true)}>
            Explain
          </button>
          <RunButton running={running} onRun={() => start(false)} onCancel={cancel} />
        </header>
        <Editor id="sql-text" label="One SELECT" rows={12} value={draft} onChange={setDraft} />
        <Tables />
        <div className="query-curl">
          <CopyableCommand command={sqlAsCurl(window.location.origin, draft)} />
        </div>
      </section>
      <Answer shown={shown} running={running} sql={given} />
    </div>
  );
}

/** What may be asked. */
function Tables(): React.ReactNode {
  const { api } = useApp();
  const { data, error, refetch } = useQuery({
    queryKey: ['/sql'],
    queryFn: ({ signal }) => api.get<SqlTables>('/sql', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <details className="query-tables">
      <summary>
        {data === undefined
          ? 'Tables'
          : `${data.dialect} · ${data.tables.map(({ name }) => name).join(', ')}`}
      </summary>
      {data === undefined && error !== null ? (
        <Failed what="the tables" error={error} onRetry={() => void refetch()} />
      ) : null}
      {data?.tables.map(({ name, columns }) => (
        <p key={name}>
          <code>{name}</code>: {columns.map((column) => `${column.name} ${column.type}`).join(', ')}
        </p>
      ))}
    </details>
  );
}

interface Shown {
  readonly answer: SqlAnswer | null;
  readonly fault: string | null;
  readonly tookMs: number;
}

function Answer({
  shown,
  running,
  sql,
}: {
  readonly shown: Shown | null;
  readonly running: boolean;
  readonly sql: string;
}): React.ReactNode {
  const answer = shown?.answer ?? null;
  const recent = useRecentRate();
  const of = answer?.completeness ?? recent.data?.completeness;
  return (
    <section className="panel query-answer" aria-labelledby="answer-title" aria-busy={running}>
      <header className="panel-head">
        <h2 id="answer-title">Answer</h2>
        {shown === null ? null : (
          <span className={shown.fault === null ? 'quiet' : 'bad-text'}>
            {answer === null ? 'refused' : `${answer.rows.length}${answer.truncated ? ' first' : ''} rows`} ·{' '}
            {formatDuration(shown.tookMs)}
          </span>
        )}
        <CompletenessNote of={of} />
        <span className="spring" />
        {answer === null ? null : <CsvButton sql={sql} />}
      </header>
      {shown?.fault === null || shown === null ? null : (
        <p role="alert" className="query-fault bad-text">
          {shown.fault}
        </p>
      )}
      {shown === null ? (
        <p className="query-fault quiet">Run the question to see its rows. Only this tenant’s are there.</p>
      ) : null}
      {answer === null ? null : answer.rows.length > 0 ? <SqlTable answer={answer} /> : <NoAnswer of={of} />}
    </section>
  );
}

function NoAnswer({ of }: { readonly of: Completeness | undefined }): React.ReactNode {
  if (isLate(of)) return <LateRows what="rows" of={of} />;
  return (
    <Blank
      title="No row fits the question"
      action={
        <PageLink className="button" href="/explore">
          Explore what there is
        </PageLink>
      }
    >
      <p>Loosen its conditions, or look in Explore for the values that events have.</p>
    </Blank>
  );
}

/** The same question as a file. */
function CsvButton({ sql }: { readonly sql: string }): React.ReactNode {
  const { api } = useApp();
  const [fault, setFault] = useState<string | null>(null);
  async function download(): Promise<void> {
    try {
      const text = await api.postForText('/sql', { sql, limit: 10_000, format: 'csv' });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
      link.download = 'sql.csv';
      link.click();
      URL.revokeObjectURL(link.href);
      setFault(null);
    } catch (error) {
      setFault(messageOf(error));
    }
  }
  return (
    <>
      {fault === null ? null : <span className="bad-text">{fault}</span>}
      <button type="button" className="button" onClick={() => void download()}>
        CSV
      </button>
    </>
  );
}

function useSql() {
  const { api } = useApp();
  const [shown, setShown] = useState<Shown | null>(null);
  const [running, setRunning] = useState<AbortController | null>(null);
  const latest = useRef<AbortController | null>(null);
  async function run(sql: string, explain: boolean): Promise<void> {
    latest.current?.abort();
    const mine = new AbortController();
    latest.current = mine;
    setRunning(mine);
    const startedMs = performance.now();
    const show = (answer: SqlAnswer | null, fault: string | null): void => {
      if (latest.current !== mine) return;
      setShown({ answer, fault, tookMs: performance.now() - startedMs });
      setRunning(null);
    };
    try {
      show(await api.post<SqlAnswer>('/sql', { sql, explain }, mine.signal), null);
    } catch (error) {
      show(null, mine.signal.aborted ? 'Cancelled.' : messageOf(error));
    }
  }
  return { shown, running: running !== null, run, cancel: () => running?.abort() };
}
