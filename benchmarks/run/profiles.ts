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
  /** One more tenant, beside those of the fleet, that offers far more than it may. */
  readonly noisy?: NoisyTenant;
}

export interface NoisyTenant {
  /** How many times its quota it offers. What is refused is given up. */
  readonly times: number;
  /** Events a second that a tenant may send, for all of them: more than any of the fleet sends. */
  readonly quotaPerSecond: number;
}

const steady = { duplicates: 0.01, late: 0, burst: 1 };
const large = { agents: 5_000, tenants: 200, ratePerSecond: 20_000, ...steady };

/** Above what the busiest of 20 tenants sends of 2,000 events a second: 350 on average. */
const noisy = { times: 50, quotaPerSecond: 500 };

/** What `bench run --load` knows by name; every part can be overridden. */
export const loadProfiles = {
  laptop: { ...steady, agents: 10, tenants: 1, ratePerSecond: 100 },
  'small-msp': { ...steady, agents: 500, tenants: 20, ratePerSecond: 2_000 },
  'large-msp': { ...large, duplicates: 0.1 },
  storm: { ...large, ratePerSecond: 10_000, burst: 4 },
  duplicates: { ...large, ratePerSecond: 10_000, duplicates: 0.5 },
  late: { ...large, ratePerSecond: 10_000, late: 0.2 },
  'noisy-tenant': { ...steady, agents: 500, tenants: 20, ratePerSecond: 2_000, noisy },
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

/** The same for the noisy tenant, which is none of the fleet's: its own process offers its events. */
export function noisyArguments(noisy: NoisyTenant, seed: number, durationMs: number): string[] {
  return [
    ...['--agents', '20', '--tenants', '1', '--rate', String(noisy.times * noisy.quotaPerSecond)],
    ...['--seed', String(seed), '--duration', `${durationMs}ms`, '--drop-refused'],
  ];
}
