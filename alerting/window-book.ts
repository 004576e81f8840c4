import type { KeptWindow } from '../contracts/maintenance-window.ts';

/** The maintenance windows that are planned, by tenant. Never changed in place. */
export interface WindowSet {
  of(tenantId: string): ReadonlyMap<string, KeptWindow>;
}

/** Where suppression gets the windows. Asked once a batch, so it answers from memory. */
export interface WindowBook {
  /** The same object as long as no window changed. Throws `STORE_UNAVAILABLE`, retryable, where none was ever read. */
  current(): Promise<WindowSet>;
}

/** No window at all: for replays and for topologies that are drawn. */
export const noWindows: WindowBook = { current: () => Promise.resolve(none) };
const none: WindowSet = { of: () => new Map() };
