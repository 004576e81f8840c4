const plainText = /^[\x20-\x7e]+$/;
/** What CloudEvents' String type excludes: controls, noncharacters, lone surrogates. */
const excluded = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Whether CloudEvents 1.0 allows the text as the value of an attribute that must not be empty. */
export function isAttributeText(text: string): boolean {
  return plainText.test(text) || (text !== '' && !excluded.test(text));
}

const agentSource = /^\/agents\/([^/?#]+)/;

/** The device in a source of the form `/agents/<deviceId>`, percent-decoded; empty for another source. */
export function agentIdOf(source: string): string {
  const segment = agentSource.exec(source)?.[1] ?? '';
  if (!segment.includes('%')) return segment;
  try {
    const decoded = decodeURIComponent(segment);
    return isAttributeText(decoded) ? decoded : '';
  } catch {
    return '';
  }
}

/** A value from outside as a message may show it: its JSON, cut short. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return excerpt(JSON.stringify(value), 60);
}

/** The start of a text, at most `length` characters, without what a terminal or a log would act on. */
export function excerpt(text: string, length: number): string {
  const start = text.slice(0, length + 1).replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '\ufffd');
  return start.length > length ? `${start.slice(0, length).toWellFormed()}…` : start;
}
