/** An organization whose agents send nothing for a time, as when its site loses its uplink. */
export interface SiteCut {
  readonly organizationId: string;
  /** After the start, and for how long. */
  readonly afterMs: number;
  readonly forMs: number;
}

/** Whether an organization's agents send nothing so long after the start. */
export function isCut(cut: SiteCut | undefined, organizationId: string, afterMs: number): boolean {
  if (organizationId !== cut?.organizationId) return false;
  return afterMs >= cut.afterMs && afterMs < cut.afterMs + cut.forMs;
}
