import { type AlertStatus, alertStatuses } from '../../contracts/alert.ts';

/** What the inbox shows: wholly in the address. */
export interface InboxState {
  /** null: whatever people made of it. */
  readonly status: AlertStatus | null;
  /** Part of the title. */
  readonly search: string;
  /** Where the page begins. */
  readonly cursor: string | null;
}

const everything = 'ALL';

/** Reads a query string; what it does not understand falls back to the open alerts. */
export function parseInbox(queryString: string): InboxState {
  const query = new URLSearchParams(queryString);
  const status = query.get('status');
  return {
    status: status === everything ? null : (alertStatuses.find((one) => one === status) ?? 'OPEN'),
    search: query.get('search') ?? '',
    cursor: query.get('cursor') === '' ? null : query.get('cursor'),
  };
}

/** The query string of a state, `''` for all open alerts. */
export function printInbox({ status, search, cursor }: InboxState): string {
  const query = new URLSearchParams();
  if (status !== 'OPEN') query.set('status', status ?? everything);
  if (search !== '') query.set('search', search);
  if (cursor !== null) query.set('cursor', cursor);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
