import { useState } from 'react';

import { messageOf } from '../../contracts/errors.ts';
import { Blank } from '../blanks/blank.tsx';
import { CopyableCommand } from '../blanks/copyable-command.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import './bench.css';
import { ComparisonPanel } from './comparison-panel.tsx';
import { type BenchResult, readResult } from './read-result.ts';
import { ResultPanel } from './result-panel.tsx';

type Slot =
  | { readonly state: 'empty' }
  | { readonly state: 'reading' }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'read'; readonly result: BenchResult };

const empty: Slot = { state: 'empty' };

/** Result files of benchmarks, opened in the browser: one to look at, two to compare. */
export function BenchPage(): React.ReactNode {
  const [a, openA] = useSlot();
  const [b, openB] = useSlot();
  return (
    <main className="page">
      <h1 className="visually-hidden">Bench</h1>
      <section className="panel" aria-labelledby="bench-open-title">
        <header className="panel-head">
          <h2 id="bench-open-title">Results</h2>
          <span className="quiet">Files stay in this browser: nothing is sent</span>
        </header>
        <div className="bench-slots">
          <FileSlot label="Result" slot={a} onFile={openA} />
          <FileSlot label="Compare with" slot={b} onFile={openB} />
        </div>
        {a.state === 'empty' && b.state === 'empty' ? <HowToMeasure /> : null}
      </section>
      {a.state === 'read' && b.state === 'read' ? <ComparisonPanel a={a.result} b={b.result} /> : null}
      <Shown slot={a} />
      <Shown slot={b} />
    </main>
  );
}

function useSlot(): [Slot, (file: File) => void] {
  const [slot, setSlot] = useState<Slot>(empty);
  const open = (file: File): void => {
    setSlot({ state: 'reading' });
    readResult(file).then(
      (result) => setSlot({ state: 'read', result }),
      (error: unknown) => setSlot({ state: 'failed', why: messageOf(error) }),
    );
  };
  return [slot, open];
}

interface FileSlotProps {
  readonly label: string;
  readonly slot: Slot;
  readonly onFile: (file: File) => void;
}

/** A place to drop a file on, or to choose one by mouse and keyboard. */
function FileSlot({ label, slot, onFile }: FileSlotProps): React.ReactNode {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null): void => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <div
      className={over ? 'bench-slot bench-slot-over' : 'bench-slot'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <label>
        <strong>{label}</strong>
        <span className="quiet">
          {slot.state === 'read' ? slot.result.name : 'Drop a JSON file, or choose one'}
        </span>
        <input
          type="file"
          aria-label={label}
          accept=".json,application/json"
          onChange={(event) => {
            take(event.target.files);
            // The same file again, measured anew, is a change too.
            event.target.value = '';
          }}
        />
      </label>
      {slot.state === 'failed' ? (
        <p role="alert" className="bad-text">
          {slot.why}
        </p>
      ) : null}
    </div>
  );
}

function Shown({ slot }: { readonly slot: Slot }): React.ReactNode {
  if (slot.state === 'reading') return <Skeleton rows={5} rowHeight={32} />;
  return slot.state === 'read' ? <ResultPanel result={slot.result} /> : null;
}

function HowToMeasure(): React.ReactNode {
  return (
    <Blank title="No result is open">
      <p>Measure on the machine that you want to know about, where nothing else runs:</p>
      <CopyableCommand command="npx openframe bench run --load small-msp --rounds 3 --out result.json" />
    </Blank>
  );
}
