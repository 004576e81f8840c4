import { type EnrichedEvent, messageOf } from '../../contracts/enriched.ts';
import type { EventFilter } from '../../sinks/analytics.ts';

/** What a filter looks at: a stored row means the same, whatever holds it. */
export type FilteredEvent = Pick<
  EnrichedEvent,
  | 'eventTime'
  | 'eventType'
  | 'toolType'
  | 'severity'
  | 'organizationId'
  | 'organizationName'
  | 'deviceId'
  | 'hostname'
  | 'summary'
  | 'data'
>;

/** The meaning of an `EventFilter` on one event: true where all given conditions hold together. */
export function createMatcher(filter: EventFilter): (event: FilteredEvent) => boolean {
  const { fromMs = -Infinity, toMs = Infinity, deviceId } = filter;
  const eventTypes = oneOf(filter.eventTypes);
  const toolTypes = oneOf(filter.toolTypes);
  const severities = oneOf(filter.severities);
  const organizationIds = oneOf(filter.organizationIds);
  const search = createSearch(filter.search);
  return (event) =>
    event.eventTime >= fromMs &&
    event.eventTime < toMs &&
    (deviceId === undefined || event.deviceId === deviceId) &&
    eventTypes(event.eventType) &&
    toolTypes(event.toolType) &&
    severities(event.severity) &&
    organizationIds(event.organizationId) &&
    search(event);
}

function oneOf(values: readonly string[] | undefined): (value: string | undefined) => boolean {
  if (values === undefined) return () => true;
  const wanted = new Set(values);
  return (value) => value !== undefined && wanted.has(value);
}

/**
 * Each word of the search, as white space separates them, stands at the start of the text or behind a
 * character that is neither letter nor digit; all in it stands for itself.
 */
function createSearch(search: string | undefined): (event: FilteredEvent) => boolean {
  const words = (search ?? '')
    .toWellFormed()
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length === 0) return () => true;
  const patterns = words.map((word) => new RegExp(`(?:^|[^\\p{L}\\p{N}])${quoteForRegExp(word)}`, 'iu'));
  return ({ summary, hostname, organizationName, data }) => {
    // A line end is in no word, so no match spans two of them.
    const text = [summary, hostname, organizationName, messageOf(data)]
      .filter((part) => part !== undefined)
      .join('\n');
    return patterns.every((pattern) => pattern.test(text.toWellFormed()));
  };
}

function quoteForRegExp(word: string): string {
  return word.replace(
    /[^\p{L}\p{N}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}
