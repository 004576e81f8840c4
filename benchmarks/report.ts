import { z } from 'zod';

/** One figure of a round. Names are stable across versions of the schema; units are part of the figure. */
const metricSchema = z.object({
  value: z.number(),
  unit: z.string(),
  better: z.enum(['higher', 'lower']),
});
export type Metric = z.infer<typeof metricSchema>;

const machineSchema = z.object({
  cpu: z.string(),
  cores: z.number().int(),
  memoryGb: z.number(),
  node: z.string(),
  kernel: z.string(),
  commit: z.string(),
  date: z.string(),
});
export type Machine = z.infer<typeof machineSchema>;

/**
 * What every benchmark writes, and what `bench compare` reads. `configuration` is everything that was chosen, and
 * `configurationHash` names it: figures under different hashes do not compare.
 */
export const benchReportSchema = z.object({
  schema: z.literal('openframe.bench/1'),
  kind: z.string(),
  verdict: z.enum(['VALID', 'INVALID', 'FAILED']),
  /** Why it says nothing (INVALID) or that events were lost or doubled (FAILED): one sentence each. */
  reasons: z.array(z.string()),
  machine: machineSchema,
  command: z.string(),
  configuration: z.record(z.string(), z.unknown()),
  configurationHash: z.string(),
  rounds: z.array(z.object({ metrics: z.record(z.string(), metricSchema), details: z.unknown().optional() })),
});
export type BenchReport = z.infer<typeof benchReportSchema>;
