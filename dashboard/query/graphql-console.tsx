import { useEffect, useMemo, useRef, useState } from 'react';

import type { Completeness } from '../../contracts/completeness.ts';
import { messageOf } from '../../contracts/errors.ts';
import { useApp } from '../app-context.tsx';
import { CopyableCommand } from '../blanks/copyable-command.tsx';
import { formatDuration } from '../format/format-number.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { useGo, useSearchText } from '../shell/address.tsx';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { readHistory, remember } from './history.ts';
import { Editor, firstLine, LanguageChoice, Picks, RunButton } from './console-parts.tsx';
import { asCurl, examples, parseQuery, parseVariables, printQuery, type QueryState } from './query-state.ts';
import './query.css';

interface Answer {
  readonly text: string;
  readonly failed: boolean;
  readonly tookMs: number;
  readonly completeness?: Completeness | undefined;
}

/** A console for GraphQL: whatever the API answers, of this tenant alone. */
export function GraphqlConsole(): React.ReactNode {
  const address = useSearchText();
  const go = useGo();
  const given = useMemo(() => parseQuery(address), [address]);
  const [draft, setDraft] = useState(given);
  const [history, setHistory] = useState(() => readHistory(window.localStorage));
  useEffect(() => setDraft(given), [given]);
  const { answer, running, run, cancel } = useRun();
  function start(): void {
    const next = printQuery(draft);
    if (next !== address) go(`/query${next}`);
    setHistory(remember(window.localStorage, draft));
    void run(draft);
  }
  function onKey(event: React.KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    start();
  }
  return (
    <div className="query-console" onKeyDown={onKey}>
      <section className="panel" aria-labelledby="query-title">
        <header className="panel-head">
          <h2 id="query-title" className="visually-hidden">
            GraphQL
          </h2>
          <LanguageChoice chosen="graphql" />
          <span className="spring" />
          <Picks label="Examples" items={examples} onPick={setDraft} />
          <Picks
            label="History"
            items={history.map((one) => ({ ...one, name: firstLine(one.text) }))}
            onPick={setDraft}
          />
          <RunButton running={running} onRun={start} onCancel={cancel} />
        </header>
        <Editor
          id="query-text"
          label="Operation"
          rows={16}
          value={draft.text}
          onChange={(text) => setDraft({ ...draft, text })}
        />
        <Editor
          id="query-variables"
          label="Variables (JSON)"
          rows={4}
          value={draft.variables}
          onChange={(variables) => setDraft({ ...draft, variables })}
        />
        <Curl draft={draft} />
      </section>
      <AnswerPanel answer={answer} running={running} />
    </div>
  );
}

function AnswerPanel({ answer, running }: { answer: Answer | null; running: boolean }): React.ReactNode {
  const recent = useRecentRate();
  return (
    <section className="panel query-answer" aria-labelledby="answer-title">
      <header className="panel-head">
        <h2 id="answer-title">Answer</h2>
        {answer === null ? null : (
          <span className={answer.failed ? 'bad-text' : 'quiet'}>
            {answer.failed ? 'with errors' : 'complete'} · {formatDuration(answer.tookMs)}
          </span>
        )}
        <span className="spring" />
        <CompletenessNote of={answer?.completeness ?? recent.data?.completeness} />
      </header>
      <pre tabIndex={0} aria-label="Answer" aria-busy={running}>
        {answer?.text ?? 'Run the operation to see its answer. The schema is in docs/graphql.md.'}
      </pre>
    </section>
  );
}

function useRun() {
  const { api } = useApp();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [running, setRunning] = useState<AbortController | null>(null);
  const latest = useRef<AbortController | null>(null);
  async function run({ text, variables }: QueryState): Promise<void> {
    latest.current?.abort();
    const mine = new AbortController();
    latest.current = mine;
    setRunning(mine);
    const startedMs = performance.now();
    const show = (shown: string, failed: boolean, completeness?: Completeness): void => {
      if (latest.current !== mine) return;
      setAnswer({ text: shown, failed, tookMs: performance.now() - startedMs, completeness });
      setRunning(null);
    };
    try {
      const result = await api.graph(text, parseVariables(variables), mine.signal);
      show(JSON.stringify(result, null, 2), result.errors !== undefined, result.extensions?.completeness);
    } catch (error) {
      show(mine.signal.aborted ? 'Cancelled.' : messageOf(error), true);
    }
  }
  return { answer, running: running !== null, run, cancel: () => running?.abort() };
}

function Curl({ draft }: { readonly draft: QueryState }): React.ReactNode {
  let variables: object;
  try {
    variables = parseVariables(draft.variables);
  } catch (error) {
    return <p className="bad-text query-curl">{messageOf(error)}</p>;
  }
  return (
    <div className="query-curl">
      <CopyableCommand command={asCurl(window.location.origin, draft.text, variables)} />
    </div>
  );
}
