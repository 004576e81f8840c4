import { isUtf8 } from 'node:buffer';

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

const literals = ['true', 'false', 'null'].map((text) => Buffer.from(text));
const wrong = -1;
const mostDepth = 255;

const openings = new Uint8Array(mostDepth);
/** All bytes of strings together: whether one of them is not ASCII. */
let stringBits = 0;

/**
 * Whether `[start, end)` holds exactly one JSON value (RFC 8259) in UTF-8, with objects and arrays nested no deeper than
 * `maxDepth` (at most 255). Reads each byte once and makes nothing, so that bytes that are copied as they are can be
 * trusted to stay one value among others.
 */
export function isJsonValue(bytes: Uint8Array, start: number, end: number, maxDepth: number): boolean {
  stringBits = 0;
  let at = afterSpace(bytes, start, end);
  for (let depth = 0; ;) {
    const byte = at < end ? bytes[at] : 0;
    if (byte === openBrace || byte === openBracket) {
      if (depth >= maxDepth || depth >= mostDepth) return false;
      at = afterSpace(bytes, at + 1, end);
      if (at < end && bytes[at] === byte + toClosing) at = afterSpace(bytes, at + 1, end);
      else {
        openings[depth++] = byte;
        if (byte === openBrace) at = afterName(bytes, at, end);
        if (at === wrong) return false;
        continue;
      }
    } else {
      at = afterScalar(bytes, at, end);
      if (at === wrong) return false;
      at = afterSpace(bytes, at, end);
    }
    while (depth > 0 && at < end && bytes[at] === (openings[depth - 1] ?? 0) + toClosing) {
      depth--;
      at = afterSpace(bytes, at + 1, end);
    }
    if (depth === 0) return at === end && (stringBits < 0x80 || isUtf8(bytes.subarray(start, end)));
    if (at >= end || bytes[at] !== comma) return false;
    at = afterSpace(bytes, at + 1, end);
    if (openings[depth - 1] === openBrace) at = afterName(bytes, at, end);
    if (at === wrong) return false;
  }
}

function afterSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

/** Behind a member's name and its colon. */
function afterName(bytes: Uint8Array, from: number, end: number): number {
  const name = afterString(bytes, from, end);
  if (name === wrong) return wrong;
  const at = afterSpace(bytes, name, end);
  return at < end && bytes[at] === colon ? afterSpace(bytes, at + 1, end) : wrong;
}

function afterScalar(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return wrong;
  const byte = bytes[at] ?? 0;
  if (byte === quote) return afterString(bytes, at, end);
  if (byte === 0x2d || isDigit(byte)) return afterNumber(bytes, at, end);
  for (const literal of literals) {
    if (literal[0] === byte) return afterLiteral(bytes, at, end, literal);
  }
  return wrong;
}

function afterLiteral(bytes: Uint8Array, from: number, end: number, literal: Uint8Array): number {
  if (from + literal.length > end) return wrong;
  for (let i = 0; i < literal.length; i++) if (bytes[from + i] !== literal[i]) return wrong;
  return from + literal.length;
}

function afterString(bytes: Uint8Array, from: number, end: number): number {
  if (from >= end || bytes[from] !== quote) return wrong;
  for (let at = from + 1; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at + 1;
    if (byte < 0x20) return wrong;
    stringBits |= byte;
    if (byte !== backslash) continue;
    const escaped = ++at < end ? (bytes[at] ?? 0) : 0;
    if (escaped === 0x75) {
      for (let digit = 0; digit < 4; digit++) if (!isHex(++at < end ? (bytes[at] ?? 0) : 0)) return wrong;
    } else if (!isPlainEscape(escaped)) return wrong;
  }
  return wrong;
}

function afterNumber(bytes: Uint8Array, from: number, end: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  const isZero = at < end && bytes[at] === 0x30;
  const whole = afterDigits(bytes, at, end);
  if (whole === at || (isZero && whole > at + 1)) return wrong;
  at = whole;
  if (at < end && bytes[at] === point) {
    const fraction = afterDigits(bytes, at + 1, end);
    if (fraction === at + 1) return wrong;
    at = fraction;
  }
  if (at < end && ((bytes[at] ?? 0) | 0x20) === 0x65) {
    at++;
    if (at < end && (bytes[at] === 0x2b || bytes[at] === 0x2d)) at++;
    const exponent = afterDigits(bytes, at, end);
    if (exponent === at) return wrong;
    at = exponent;
  }
  return at;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
