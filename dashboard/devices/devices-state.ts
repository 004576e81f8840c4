import type { Device } from '../api/answers.ts';

/** Which devices are shown: wholly in the address. */
export interface DevicesState {
  readonly status: Device['status'] | null;
  readonly organizationId: string | null;
  readonly search: string;
  readonly cursor: string | null;
}

const names = ['status', 'organizationId', 'search', 'cursor'] as const;

/** Reads a query string; what it does not understand falls back to all devices. */
export function parseDevices(queryString: string): DevicesState {
  const query = new URLSearchParams(queryString);
  const status = query.get('status');
  const textOf = (name: string): string | null => (query.get(name) === '' ? null : query.get(name));
  return {
    status: status === 'ONLINE' || status === 'OFFLINE' ? status : null,
    organizationId: textOf('organizationId'),
    search: query.get('search') ?? '',
    cursor: textOf('cursor'),
  };
}

/** The query string of a state, `''` for all devices. */
export function printDevices(state: DevicesState): string {
  const query = new URLSearchParams();
  for (const name of names) {
    const value = state[name];
    if (value !== null && value !== '') query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
