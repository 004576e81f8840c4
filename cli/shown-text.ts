/**
 * Control characters but tab and line end, and those that change the direction of writing (UAX #9): a terminal would
 * obey them. Devices and tools write what is printed here.
 */
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text as a terminal may have it: what it would obey stands as `\u001b`, as JSON writes it. */
export function shownText(text: string): string {
  return text.replaceAll(
    obeyed,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same of a cell of a table, which is one line. */
export function shownCell(text: string): string {
  return shownText(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
