import { createRandom, type Random } from '../streams/random.ts';

export interface FleetOptions {
  readonly agents: number;
  readonly tenants: readonly string[];
  readonly seed: number;
}

/** One simulated agent. Its measurements wander, so that charts look like a machine's. */
export interface SimulatedAgent {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly hostname: string;
  readonly organizationId: string;
  readonly organizationName: string;
  cpu: number;
  memory: number;
  sequence: number;
}

/** A reproducible fleet. */
export interface Fleet {
  readonly agents: readonly SimulatedAgent[];
  /** The agent that reports next: a few report much, most little (Zipf, exponent 1). */
  pick(): SimulatedAgent;
}

/** Each tenant's organizations, which its agents are spread over in turn. */
export const simulatedOrganizations: readonly string[] = ['org-1', 'org-2', 'org-3', 'org-4', 'org-5'];

export function createFleet(options: FleetOptions): Fleet {
  const random = createRandom(options.seed);
  const agents = Array.from({ length: options.agents }, (_, i) => agentOf(i, options, random));
  const cumulative = zipfWeights(agents.length);
  const total = cumulative.at(-1) ?? 0;
  return {
    agents,
    pick: () => agents[lowerBound(cumulative, random.next() * total)] ?? (agents[0] as SimulatedAgent),
  };
}

function agentOf(index: number, options: FleetOptions, random: Random): SimulatedAgent {
  const tenantId = options.tenants[index % options.tenants.length] ?? 'default';
  const place = Math.floor(index / options.tenants.length) % simulatedOrganizations.length;
  return {
    tenantId,
    deviceId: `sim-${options.seed}-${String(index).padStart(5, '0')}`,
    hostname: `ws-${String(index).padStart(5, '0')}`,
    organizationId: simulatedOrganizations[place] ?? '',
    organizationName: `Customer ${place + 1} of ${tenantId}`,
    cpu: random.next(),
    memory: random.next(),
    sequence: 0,
  };
}

function zipfWeights(count: number): Float64Array {
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) cumulative[i] = sum += 1 / (i + 1);
  return cumulative;
}

/** Index of the first value that is greater than `wanted`. */
function lowerBound(ascending: Float64Array, wanted: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
