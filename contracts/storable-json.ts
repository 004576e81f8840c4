const replacement = '\ufffd';

/**
 * JSON text of `value` that every store can read. A NUL or a lone surrogate, in a string or a member's name,
 * becomes U+FFFD: JSON allows both, SQL engines and native parsers do not.
 */
export function toStorableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.includes('\\u') && suspect.test(json) ? JSON.stringify(wellFormed(value)) : json;
}

/** How JSON.stringify prints a NUL or a lone surrogate; also matches a harmless backslash and "ud8". */
const suspect = /\\u(?:0000|d[89a-f])/;

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return wellFormedText(value);
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  // Without a prototype `__proto__` is a name like any other.
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, member] of Object.entries(value)) copy[wellFormedText(name)] = wellFormed(member);
  return copy;
}

function wellFormedText(text: string): string {
  return text.toWellFormed().replaceAll('\0', replacement);
}
