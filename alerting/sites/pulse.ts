import { z } from 'zod';

import { severitySchema } from '../../contracts/event.ts';

/** Lengths of silence that are looked at. */
export const silenceWindowsMs: readonly number[] = [
  ...[2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 26, 32, 45, 64, 90, 128].map((seconds) => seconds * 1000),
];
/** A pulse names at most so many devices of a site. */
export const mostAway = 500;

/** What one partition says of one organization's devices, as far as it has changed. */
const sitePulseSchema = z.strictObject({
  organizationId: z.string(),
  name: z.string().nullable(),
  /** Its devices here that reported within the last half hour and are known well enough. */
  present: z.int(),
  /** By length of silence, in milliseconds: how many of them were heard before and not since, and how unlikely that is, in nats. */
  silent: z.array(z.tuple([z.number(), z.int(), z.number()])),
  /** Devices that fell silent and were not heard since, each with when it was heard last. */
  away: z.array(z.tuple([z.string(), z.number()])),
});
export type SitePulse = z.infer<typeof sitePulseSchema>;

/** On `alerts.signals.v1`, keyed by tenant: at most one a second, tenant, rule and partition. */
export const pulseSchema = z.strictObject({
  pulse: z.strictObject({
    partition: z.int(),
    /** The newest acceptance time; times of `away` are such. */
    wallMs: z.number(),
    /** Null where none applies any more. */
    rule: z
      .strictObject({
        ruleId: z.string(),
        version: z.int(),
        title: z.string(),
        severity: severitySchema,
        least: z.int(),
        share: z.number(),
      })
      .nullable(),
    sites: z.array(sitePulseSchema),
  }),
});
export type Pulse = z.infer<typeof pulseSchema>['pulse'];
