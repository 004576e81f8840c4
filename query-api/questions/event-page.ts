import { z } from 'zod';

import type { StoredEvent } from '../../contracts/event.ts';
import type { TenantScope } from '../../contracts/tenant.ts';
import type { Analytics, EventFilter, SortDirection } from '../../sinks/analytics.ts';
import { decodeCursor, encodeCursor, questionOf } from '../rest/cursor.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** True where more rows follow the last of these. */
  readonly more: boolean;
  /** The cursor after one of the items. */
  readonly cursorOf: (item: Item) => string;
}

export interface EventPageQuestion {
  readonly filter: EventFilter;
  readonly sort: SortDirection;
  /** 1 or more. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const positionSchema = z.strictObject({ eventTimeMs: z.int(), eventId: z.uuid() });

/**
 * A page of the tenant's events in the order of `sort`. A cursor belongs to the tenant, filter and sort that it
 * was given for: throws `CURSOR_INVALID` for any other.
 */
export async function eventPage(
  analytics: Analytics,
  scope: TenantScope,
  { filter, sort, limit, cursor }: EventPageQuestion,
): Promise<Page<StoredEvent>> {
  const question = questionOf(scope, 'events', { ...filter, sort });
  const after = cursor === undefined ? undefined : decodeCursor(cursor, question, positionSchema);
  const request = { filter, sort, limit: limit + 1, ...(after === undefined ? {} : { after }) };
  const found = await analytics.events(scope, request);
  return {
    items: found.slice(0, limit),
    more: found.length > limit,
    cursorOf: ({ eventTime, eventId }) =>
      encodeCursor(question, { eventTimeMs: Date.parse(eventTime), eventId }),
  };
}

/** The cursor of the page after this one; null on the last. */
export function nextCursorOf<Item>({ items, more, cursorOf }: Page<Item>): string | null {
  const last = items.at(-1);
  return more && last !== undefined ? cursorOf(last) : null;
}
