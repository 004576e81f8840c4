/** A load as it is offered. Rates count duplicates. */
export interface LoadProfile {
  readonly agents: number;
  readonly tenants: number;
  readonly ratePerSecond: number;
  /** Share of the events that are sent a second time, 5 s later. */
  readonly duplicates: number;
  /** Share of the events whose own time is two hours back, as of agents that come back. */
  readonly late: number;
  /** Every fifth second offers so many times the mean of the others. 1: a constant rate. */
  readonly burst: number;
}

const steady = { duplicates: 0.01, late: 0, burst: 1 };
const large = { agents: 5_000, tenants: 200, ratePerSecond: 20_000, ...steady };

/** What `bench run --load` knows by name; every part can be overridden. */
export const loadProfiles = {
  laptop: { ...steady, agents: 10, tenants: 1, ratePerSecond: 100 },
  'small-msp': { ...steady, agents: 500, tenants: 20, ratePerSecond: 2_000 },
  'large-msp': { ...large, duplicates: 0.1 },
  storm: { ...large, ratePerSecond: 10_000, burst: 4 },
  duplicates: { ...large, ratePerSecond: 10_000, duplicates: 0.5 },
  late: { ...large, ratePerSecond: 10_000, late: 0.2 },
} as const satisfies Readonly<Record<string, LoadProfile>>;
export type LoadProfileName = keyof typeof loadProfiles;

/** The arguments of `openframe simulate` that offer this load. */
export function simulateArguments(load: LoadProfile, seed: number, durationMs: number): string[] {
  return [
    ...['--agents', String(load.agents), '--tenants', String(load.tenants)],
    ...['--rate', String(load.ratePerSecond), '--duplicates', String(load.duplicates)],
    ...['--late', String(load.late), '--burst', String(load.burst)],
    ...['--seed', String(seed), '--duration', `${durationMs}ms`],
  ];
}
