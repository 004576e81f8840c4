import { z } from 'zod';

const finite = z.number().nonnegative();
const quantilesSchema = z.object({ p50: finite, p90: finite, p99: finite, p999: finite, max: finite });
export type Quantiles = z.infer<typeof quantilesSchema>;

/** A name that a file gives to a part: shown as text, so short. */
const nameSchema = z.string().max(200);

/** What the page shows of a round of `bench run`, beyond the metrics that every benchmark has. */
export const runDetailsSchema = z.object({
  storedPerSecond: finite,
  drainSeconds: finite,
  foreignShare: finite,
  door: z.object({ corrected: quantilesSchema, raw: quantilesSchema }),
  pipelines: z.record(nameSchema, quantilesSchema),
  endToEnd: z.record(nameSchema, quantilesSchema),
  roles: z.array(z.object({ role: nameSchema, cpuSeconds: z.number(), peakResidentMb: finite })).max(200),
  generatorCpuSeconds: z.number(),
  samples: z
    .array(
      z.object({
        second: finite,
        storedPerSecond: finite,
        lag: z.record(nameSchema, finite),
        residentMb: finite.optional(),
      }),
    )
    .max(100_000),
  generator: z.object({ offeredRatePerSecond: finite, sent: finite, behindMs: finite, duplicates: finite }),
  ledger: z.object({
    sent: finite,
    accepted: finite,
    deadLettered: finite,
    lost: finite,
    duplicated: finite,
  }),
});
export type RunDetails = z.infer<typeof runDetailsSchema>;
