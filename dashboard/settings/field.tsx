import { useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** Gets the ids that tie it to its label and hint. */
  readonly children: (ids: { readonly id: string; readonly 'aria-describedby'?: string }) => React.ReactNode;
}

/** One field of a form, with its label above it. */
export function Field({ label, hint, children }: FieldProps): React.ReactNode {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(hint === undefined ? { id } : { id, 'aria-describedby': hintId })}
      {hint === undefined ? null : (
        <span id={hintId} className="quiet">
          {hint}
        </span>
      )}
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly required?: boolean;
  readonly code?: boolean;
}

/** A field of one line of text. */
export function TextField({
  label,
  hint,
  value,
  onChange,
  required = false,
  code = false,
}: TextFieldProps): React.ReactNode {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(ids) => (
        <input
          {...ids}
          type="text"
          className={code ? 'code' : ''}
          required={required}
          maxLength={required ? longestTitle : longestText}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}

const longestTitle = 120;
const longestText = 4_000;

/** Ids or names in a field, one a line or with commas; undefined where there is none. */
export function listOf(text: string): string[] | undefined {
  const values = text.split(/[\n,]/).map((part) => part.trim());
  const given = values.filter((part) => part !== '');
  return given.length === 0 ? undefined : given;
}

export function textOfList(values: readonly string[] | undefined): string {
  return (values ?? []).join(', ');
}

/** A name of a setting made of its title: a-z, 0-9 and -. */
export function idOf(title: string): string {
  const id = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return id.slice(0, 64);
}
