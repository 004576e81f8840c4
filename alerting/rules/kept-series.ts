import { z } from 'zod';

import type { StateCodec } from '../../streams/keyed-state.ts';
import { type Phase, phases, type Series } from './series.ts';
import type { StreamTimeState } from '../../streams/stream-time.ts';

/** Whom a series is of, and by which rule. */
const ownerSchema = z.object({
  tenantId: z.string(),
  ruleId: z.string(),
  version: z.int(),
  deviceId: z.string(),
  hostname: z.string().nullable(),
  organizationId: z.string().nullable(),
  /** Which of the device's: the metric's labels, the logger; empty where there is one alone. */
  name: z.string(),
  /** The rule is about any sign of life of the device. */
  silence: z.boolean(),
  /** Of such a rule's: the device is a workstation, which people switch off. */
  workstation: z.boolean().optional(),
});
export type SeriesOwner = z.infer<typeof ownerSchema>;

/** A series in keyed state: live, or as it was read back, until the rule that it is of opens it. */
export interface KeptSeries {
  readonly owner: SeriesOwner;
  readonly series: Series | ReadSeries;
}

/** A series as it was read back. */
export interface ReadSeries {
  readonly bytes: Uint8Array;
  /** What lasted: it is over where the rule is gone. */
  readonly phase: Phase;
}

const siteSchema = z.object({ tenantId: z.string(), organizationId: z.string() });
/** How often an organization's devices report. */
const habitsSchema = siteSchema.extend({
  name: z.string().nullable(),
  devices: z.array(z.tuple([z.string(), z.string().nullable(), z.array(z.number())])),
});
export type KeptHabits = z.infer<typeof habitsSchema>;
/** Devices of an organization that fell silent, and when they were heard last. */
const awaySchema = siteSchema.extend({ devices: z.array(z.tuple([z.string(), z.number()])) });
const siteCellSchema = z.union([z.object({ habits: habitsSchema }), z.object({ away: awaySchema })]);
export type SiteCell = z.infer<typeof siteCellSchema>;

/** What detection keeps of a partition: series, sites, and the time of the stream. */
export type DetectionCell = KeptSeries | SiteCell | { readonly time: StreamTimeState };

const cellSchema = z.union([
  siteCellSchema,
  z.object({ time: z.object({ nowMs: z.number(), wallMs: z.number() }) }),
  z.object({ owner: ownerSchema, state: z.string(), phase: z.enum(phases).nullable() }),
]);

/** JSON, the state of a detector in base64. */
export const detectionCodec: StateCodec<DetectionCell> = {
  encode: (cell) => {
    if (!('series' in cell)) return JSON.stringify(cell);
    const { owner, series } = cell;
    const bytes = 'bytes' in series ? series.bytes : series.serialise();
    return JSON.stringify({ owner, state: Buffer.from(bytes).toString('base64'), phase: series.phase });
  },
  decode: (bytes) => {
    const cell = cellSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (!('state' in cell)) return cell;
    const { owner, state, phase } = cell;
    return { owner, series: { bytes: Buffer.from(state, 'base64'), phase } };
  },
};
