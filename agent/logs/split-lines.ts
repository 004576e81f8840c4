/** A line of a file: where it starts and how many bytes it takes, its line end included. */
export interface FileLine {
  readonly offset: number;
  readonly text: string;
}

export interface SplitLines {
  readonly lines: readonly FileLine[];
  /** Bytes taken; what follows is the beginning of a line that is not complete yet. */
  readonly taken: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Cuts bytes of a file into lines. Only complete lines are taken, so a character cut at the end of the bytes
 * waits for its rest. A line over `maxLineBytes` is taken in pieces, cut between characters. `final` takes an
 * unfinished last line too: nothing will follow. Invalid UTF-8 becomes U+FFFD; empty lines are left out.
 */
export function splitLines(bytes: Buffer, offset: number, maxLineBytes: number, final = false): SplitLines {
  const lines: FileLine[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(newline, at);
    const length = (end < 0 ? bytes.length : end) - at;
    if (length > maxLineBytes) {
      const piece = wholeCharacters(bytes, at, maxLineBytes);
      lines.push({ offset: offset + at, text: bytes.toString('utf8', at, at + piece) });
      at += piece;
      continue;
    }
    if (end < 0 && !final) break;
    const textEnd = end > at && bytes[end - 1] === carriageReturn ? end - 1 : at + length;
    if (textEnd > at) lines.push({ offset: offset + at, text: bytes.toString('utf8', at, textEnd) });
    at += length + (end < 0 ? 0 : 1);
  }
  return { lines, taken: at };
}

/** The largest length up to `most` that does not end inside a character; UTF-8 has at most three bytes after the first. */
function wholeCharacters(bytes: Buffer, at: number, most: number): number {
  for (let back = 0; back < 4 && back < most; back++) {
    const next = bytes[at + most - back];
    if (next === undefined || (next & 0xc0) !== 0x80) return most - back;
  }
  return most;
}

/** A text in pieces of at most `most` UTF-16 units, cut between characters; an empty text has none. */
export function cutText(text: string, most: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = Math.min(text.length, at + most);
    const cutsPair = end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1)) && end - at > 1;
    pieces.push(text.slice(at, cutsPair ? end - 1 : end));
    at = cutsPair ? end - 1 : end;
  }
  return pieces;
}
