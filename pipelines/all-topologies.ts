import type { Topology } from '../streams/topology.ts';
import { relay } from './relay.ts';
import { telemetry } from './telemetry.ts';

/** Every topology as it runs by default, for drawing and checking. */
export const allTopologies: readonly Topology[] = [
  relay,
  telemetry({ windowMs: 600_000, marksRetentionMs: 86_400_000 }),
];
