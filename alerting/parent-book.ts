import type { KeptParent } from '../contracts/device-parent.ts';

/** The declared parents of all tenants, by parent. Never changed in place. */
export interface ParentSet {
  of(tenantId: string): ReadonlyMap<string, KeptParent>;
}

/** Where grouping gets the parents. Asked once a batch, so it answers from memory. */
export interface ParentBook {
  /** The same object as long as no parent changed. Throws `STORE_UNAVAILABLE`, retryable, where none was ever read. */
  current(): Promise<ParentSet>;
}

/** No parent at all: for replays and for topologies that are drawn. */
export const noParents: ParentBook = { current: () => Promise.resolve(none) };
const none: ParentSet = { of: () => new Map() };

/** The parent of each of a tenant's devices that has one. */
export function parentByDevice(parents: ReadonlyMap<string, KeptParent>): ReadonlyMap<string, string> {
  return new Map(
    [...parents.values()].flatMap(({ parentId, deviceIds }) =>
      deviceIds.map((id) => [id, parentId] as const),
    ),
  );
}
