import { useGo } from '../shell/address.tsx';
import { Choices } from '../view/choices.tsx';
import './query.css';
import type { QueryState } from './query-state.ts';

const languages = [
  { value: 'graphql', label: 'GraphQL' },
  { value: 'sql', label: 'SQL' },
] as const;
export type Language = (typeof languages)[number]['value'];

/** In which language one asks. */
export function LanguageChoice({ chosen }: { readonly chosen: Language }): React.ReactNode {
  const go = useGo();
  return (
    <Choices
      label="Language"
      options={languages}
      chosen={chosen}
      onChoose={(language) => go(language === 'sql' ? '/query?language=sql' : '/query')}
    />
  );
}

interface RunButtonProps {
  readonly running: boolean;
  readonly onRun: () => void;
  readonly onCancel: () => void;
}

/** Runs, or cancels what runs. */
export function RunButton({ running, onRun, onCancel }: RunButtonProps): React.ReactNode {
  if (running) {
    return (
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
    );
  }
  return (
    <button type="button" className="button button-primary" onClick={onRun}>
      Run <kbd>⌘⏎</kbd>
    </button>
  );
}

interface EditorProps {
  readonly id: string;
  readonly label: string;
  readonly rows: number;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

export function Editor({ id, label, rows, value, onChange }: EditorProps): React.ReactNode {
  return (
    <div className="query-editor">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        spellCheck={false}
        autoCapitalize="off"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </div>
  );
}

interface PicksProps {
  readonly label: string;
  readonly items: readonly (QueryState & { readonly name: string })[];
  readonly onPick: (state: QueryState) => void;
}

/** A list of questions to start from. */
export function Picks({ label, items, onPick }: PicksProps): React.ReactNode {
  return (
    <select
      aria-label={label}
      value=""
      disabled={items.length === 0}
      onChange={({ target }) => {
        const item = items[Number(target.value)];
        if (item !== undefined) onPick({ text: item.text, variables: item.variables });
      }}
    >
      <option value="">{label}</option>
      {items.map(({ name }, index) => (
        <option key={index} value={index}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** A question on one line, for a list. */
export function firstLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= 60 ? line : `${line.slice(0, 60)}…`;
}
