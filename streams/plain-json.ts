import {
  afterDigits,
  backslash,
  colon,
  comma,
  isDigit,
  isPlainEscape,
  openBrace,
  openBracket,
  point,
  quote,
  toClosing,
} from './json-bytes.ts';

const none = -1;
const mostDepth = 64;
/** An object with more members is left to `JSON.parse`: each name is compared with those before it. */
const mostNames = 16;
/** So many digits a double holds exactly. */
const mostDigits = 15;

const openings = new Uint8Array(mostDepth);
const nameCounts = new Uint8Array(mostDepth);
/** Where each name of the open objects begins and ends. */
const names = new Int32Array(mostDepth * mostNames * 2);

/**
 * Where the plain JSON value that begins at `start` ends; -1 where there is none before `end`. Plain is what nobody
 * reads in two ways, and all that programs usually print: no white space outside of strings, no `\u` escapes (a NUL, a
 * lone surrogate), no name twice in one object, numbers of at most 15 digits without an exponent, no deeper than
 * `maxDepth`. Such a value parses to what `JSON.parse` makes of it whoever reads it, so its bytes may be kept as they
 * are. Reads each byte once and makes nothing. That strings are UTF-8 is the caller's to know.
 */
export function endOfPlainJson(bytes: Uint8Array, start: number, end: number, maxDepth: number): number {
  let at = start;
  for (let depth = 0; ;) {
    const byte = at < end ? bytes[at] : 0;
    if (byte === openBrace || byte === openBracket) {
      if (depth >= maxDepth || depth >= mostDepth || ++at >= end) return none;
      if (bytes[at] === byte + toClosing) at++;
      else {
        openings[depth] = byte;
        nameCounts[depth++] = 0;
        if (byte === openBrace) at = afterName(bytes, at, end, depth - 1);
        if (at === none) return none;
        continue;
      }
    } else at = afterScalar(bytes, at, end);
    if (at === none) return none;
    while (depth > 0 && at < end && bytes[at] === (openings[depth - 1] ?? 0) + toClosing) {
      depth--;
      at++;
    }
    if (depth === 0) return at;
    if (at >= end || bytes[at] !== comma) return none;
    at++;
    if (openings[depth - 1] === openBrace) at = afterName(bytes, at, end, depth - 1);
    if (at === none) return none;
  }
}

/** Behind a member's name and its colon; -1 where the object of that depth has a member of that name already. */
function afterName(bytes: Uint8Array, start: number, end: number, depth: number): number {
  const nameEnd = afterString(bytes, start, end);
  if (nameEnd === none || nameEnd >= end || bytes[nameEnd] !== colon) return none;
  const count = nameCounts[depth] ?? 0;
  if (count === mostNames) return none;
  const first = depth * mostNames * 2;
  for (let at = first; at < first + count * 2; at += 2) {
    if (names[at + 1] === nameEnd - start && isSameText(bytes, names[at] ?? 0, start, nameEnd)) return none;
  }
  names[first + count * 2] = start;
  names[first + count * 2 + 1] = nameEnd - start;
  nameCounts[depth] = count + 1;
  return nameEnd + 1;
}

function isSameText(bytes: Uint8Array, other: number, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== bytes[other + i - start]) return false;
  return true;
}

function afterScalar(bytes: Uint8Array, at: number, end: number): number {
  const byte = at < end ? (bytes[at] ?? 0) : 0;
  if (byte === quote) return afterString(bytes, at, end);
  if (byte === 0x2d || isDigit(byte)) return afterNumber(bytes, at, end);
  if (byte === 0x74) return afterLiteral(bytes, at, end, 'true');
  if (byte === 0x66) return afterLiteral(bytes, at, end, 'false');
  return byte === 0x6e ? afterLiteral(bytes, at, end, 'null') : none;
}

function afterLiteral(bytes: Uint8Array, start: number, end: number, literal: string): number {
  if (start + literal.length > end) return none;
  for (let i = 0; i < literal.length; i++) if (bytes[start + i] !== literal.charCodeAt(i)) return none;
  return start + literal.length;
}

function afterString(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== quote) return none;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at + 1;
    if (byte < 0x20) return none;
    if (byte === backslash && (++at >= end || !isPlainEscape(bytes[at] ?? 0))) return none;
  }
  return none;
}

function afterNumber(bytes: Uint8Array, start: number, end: number): number {
  const whole = bytes[start] === 0x2d ? start + 1 : start;
  let at = afterDigits(bytes, whole, end);
  if (at === whole || (bytes[whole] === 0x30 && at > whole + 1)) return none;
  if (at < end && bytes[at] === point) {
    const fraction = at + 1;
    at = afterDigits(bytes, fraction, end);
    if (at === fraction) return none;
  }
  const hasExponent = at < end && ((bytes[at] ?? 0) | 0x20) === 0x65;
  return hasExponent || at - whole > mostDigits ? none : at;
}
