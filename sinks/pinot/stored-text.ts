/**
 * How Pinot's columns hold text. Pinot cuts a text at its first NUL and has no null of its own in a text column,
 * so both are written with an escape character that ordinary text does not contain; all other text stands as it
 * is, to be read and searched by people. `toStoredTextSql` does in Pinot what `toStoredText` does here.
 */
const escape = '\u001a';
const escapedEscape = `${escape}1`;
const escapedNul = `${escape}0`;

/** What a text column holds where the event says nothing. */
export const storedNull = `${escape}n`;

/** What no text column holds. */
export const neverStored = `${escape}x`;

export function toStoredText(text: string): string {
  const wellFormed = text.toWellFormed();
  if (!wellFormed.includes(escape) && !wellFormed.includes('\0')) return wellFormed;
  return wellFormed.replaceAll(escape, escapedEscape).replaceAll('\0', escapedNul);
}

/** The text of a column; null for what stands for none. */
export function fromStoredText(stored: unknown): string | null {
  if (typeof stored !== 'string' || stored === storedNull) return null;
  if (!stored.includes(escape)) return stored;
  return stored.replaceAll(escapedNul, '\0').replaceAll(escapedEscape, escape);
}

/** An ingestion transform: a text of the record, such as the member `"summary"`, as a column holds it. */
export function toStoredTextSql(text: string): string {
  return `replace(replace(${text}, '${escape}', '${escapedEscape}'), chr(0), '${escapedNul}')`;
}

/** A text as a literal of Pinot's SQL, in which only the quote means something. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The stored form of a text, as a literal. */
export function textLiteral(text: string): string {
  return literal(toStoredText(text));
}

export function textLiterals(texts: readonly string[]): string {
  return [...new Set(texts)].map(textLiteral).join(', ');
}
