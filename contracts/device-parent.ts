import { z } from 'zod';

const deviceId = z.string().min(1).max(256);
/** So many devices may depend on one. */
const mostChildren = 500;

/** The devices that one device carries: the machines of a host, what stands behind a gateway. */
export const deviceParentSchema = z.strictObject({
  parentId: deviceId,
  deviceIds: z.array(deviceId).min(1).max(mostChildren),
});
export type DeviceParent = z.output<typeof deviceParentSchema>;

/** A parent as it is kept. */
export const keptParentSchema = deviceParentSchema.extend({
  version: z.int().min(1),
  changedAtMs: z.number().nullable(),
  /** The token's id. */
  changedBy: z.string().nullable(),
});
export type KeptParent = z.output<typeof keptParentSchema>;
