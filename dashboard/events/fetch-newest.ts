import type { ListedEvent, Page } from '../api/answers.ts';
import type { Api } from '../api/client.ts';

export interface NewestFilter {
  readonly severities?: readonly string[];
  readonly search?: string;
  readonly deviceId?: string;
  /** Whether measurements and heartbeats are wanted too. */
  readonly routine: boolean;
}

/** The newest events that the filter lets through, newest first. */
export async function fetchNewest(
  api: Api,
  { routine, ...filter }: NewestFilter,
  limit: number,
  signal: AbortSignal,
): Promise<readonly ListedEvent[]> {
  const page = { ...filter, limit };
  if (routine) return (await api.get<Page<ListedEvent>>('/events', page, signal)).items;
  const { facets } = await api.get<EventTypeFacets>('/events/facets', { ...filter, limit: 100 }, signal);
  const eventTypes = facets.eventType
    .map(({ value }) => value)
    .filter((type) => !routineTypes.includes(type));
  if (eventTypes.length === 0) return [];
  return (await api.get<Page<ListedEvent>>('/events', { ...page, eventTypes }, signal)).items;
}

interface EventTypeFacets {
  readonly facets: { readonly eventType: readonly { readonly value: string }[] };
}

/** What every device sends all the time, so that it would push away all else. */
const routineTypes: readonly string[] = ['SYSTEM_MONITORING', 'DEVICE_HEARTBEAT'];

/** False for what every device sends all the time. */
export function isNotable({ eventType }: Pick<ListedEvent, 'eventType'>): boolean {
  return !routineTypes.includes(eventType);
}
