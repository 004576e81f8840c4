import { useEffect, useRef, useState } from 'react';

interface SearchBoxProps {
  readonly id: string;
  readonly label: string;
  readonly shortcut?: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

const settleMs = 300;

/** A text filter: tells its text once typing settles, and follows when Back changes it. */
export function SearchBox({ id, label, shortcut, value, onSearch }: SearchBoxProps): React.ReactNode {
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text.trim() === told.current) return;
    const timer = setTimeout(() => {
      told.current = text.trim();
      onSearch(told.current);
    }, settleMs);
    return () => clearTimeout(timer);
  }, [text, onSearch]);
  return (
    <div className="search">
      <input
        id={id}
        type="search"
        data-search={shortcut === '/' ? '' : undefined}
        aria-label={label}
        placeholder={label}
        maxLength={200}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {shortcut === undefined ? null : <kbd aria-hidden="true">{shortcut}</kbd>}
    </div>
  );
}
