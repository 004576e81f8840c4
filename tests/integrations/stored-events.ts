import { request } from 'undici';

import type { Ready } from '../support/platform-process.ts';

/** An event as REST answers it. */
export interface Stored {
  readonly eventId: string;
  readonly tenantId: string;
  readonly toolType: string;
  readonly sourceType: string;
  readonly sourceId: string;
  readonly eventType: string;
  readonly severity: string;
  readonly eventTime: string;
  readonly summary: string;
  readonly userId: string | null;
}

/** Every event of a tool that a tenant has, by all pages of `GET /api/v1/events`. */
export async function storedEvents(
  { url, token }: Pick<Ready, 'url' | 'token'>,
  toolType: string,
): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await request(`${url}/api/v1/events?toolTypes=${toolType}&limit=1000${more}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const page = (await response.body.json()) as { items: Stored[]; nextCursor: string | null };
    found.push(...page.items);
    cursor = page.nextCursor ?? null;
  }
  return found;
}

/** Asks until `enough` of what is stored, for at most `withinMs`; gives what was stored last. */
export async function untilStored(
  ready: () => Pick<Ready, 'url' | 'token'>,
  toolType: string,
  enough: (events: readonly Stored[]) => boolean,
  withinMs: number,
): Promise<readonly Stored[]> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const events = await storedEvents(ready(), toolType);
    if (enough(events) || Date.now() > endMs) return events;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
