import { styleText } from 'node:util';

import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { shownCell, shownText } from './shown-text.ts';

/** Exit codes of every command, as INTERFACES fixes them. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, invalid: 3 } as const;

/** Data goes to standard output: JSON with `--json`, text for people otherwise; neither with what a terminal obeys. */
export function printResult(result: unknown, options: { readonly json?: boolean }, text: () => string): void {
  printStyled(result, options, () => shownText(text()));
}

/** The same for a text that styles itself: nothing in it may come from a device or a tool. */
export function printStyled(result: unknown, options: { readonly json?: boolean }, text: () => string): void {
  process.stdout.write(`${options.json === true ? shownText(JSON.stringify(result, null, 2)) : text()}\n`);
}

/** Progress and remarks go to standard error. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A fault as people read it, and as programs do. */
export function printError(error: unknown, json: boolean): void {
  const code = error instanceof OpenFrameError ? error.code : 'INTERNAL';
  const message = shownText(messageOf(error));
  if (json)
    process.stdout.write(`${shownText(JSON.stringify({ error: { code, message: messageOf(error) } }))}\n`);
  else note(`${styleText('red', 'error')} ${code}: ${message}`);
}

/** Rows as aligned columns; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows.map((row) => row.map((cell) => format(cell)))];
  const widths = header.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  const numeric = header.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  return cells
    .map((row) =>
      row
        .map((cell, i) => (numeric[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `scope=tenant`, with spaces. */
export function shownScopes(scopes: Readonly<Record<string, string>>): string {
  return Object.entries(scopes)
    .map(([scope, tenant]) => `${scope}=${tenant}`)
    .join(' ');
}

function format(cell: string | number): string {
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : shownCell(cell);
}
