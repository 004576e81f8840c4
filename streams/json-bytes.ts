/** Bytes that JSON texts are made of (RFC 8259). */
export const quote = 0x22;
export const comma = 0x2c;
export const point = 0x2e;
export const colon = 0x3a;
export const backslash = 0x5c;
export const openBracket = 0x5b;
export const openBrace = 0x7b;
/** In ASCII a closing bracket or brace stands two behind its opening. */
export const toClosing = 2;

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Behind the digits that begin at `start`; `start` where there is none. */
export function afterDigits(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(bytes[at] ?? 0)) at++;
  return at;
}

/** What may follow a backslash alone: `"`, `\`, `/`, `b`, `f`, `n`, `r`, `t`. */
export function isPlainEscape(byte: number): boolean {
  switch (byte) {
    case quote:
    case backslash:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return true;
    default:
      return false;
  }
}
