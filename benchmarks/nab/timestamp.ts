const isoLike = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|[+-]\d{2}:?\d{2}))?$/;
const epoch = /^\d{9,16}(\.\d+)?$/;

/** Milliseconds since the epoch of `2014-04-10 07:15:00`, RFC 3339, or epoch seconds or milliseconds; else null. */
export function parseTimestamp(text: string): number | null {
  if (epoch.test(text)) {
    const value = Number(text);
    return value < 1e11 ? value * 1000 : value;
  }
  const match = isoLike.exec(text);
  if (match === null) return null;
  const zoned = match[4] === undefined ? `${text}Z` : text;
  const timeMs = Date.parse(zoned.replace(' ', 'T').replace(' ', ''));
  return Number.isNaN(timeMs) ? null : timeMs;
}
