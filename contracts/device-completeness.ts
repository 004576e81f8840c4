import { z } from 'zod';

import type { StoredEvent } from './event.ts';

/**
 * Whether an event has the device that it is about:
 * - `complete`: it has, or it is about none;
 * - `back-filled`: it was stored without, and got it later;
 * - `device-missing`: the tool's row that says which device did not come in time; it may still come;
 * - `device-unlinked`: it names the tool's agent, which nobody has linked to a device of ours.
 */
export const deviceCompletenessSchema = z.enum([
  'complete',
  'back-filled',
  'device-missing',
  'device-unlinked',
]);
export type DeviceCompleteness = z.infer<typeof deviceCompletenessSchema>;

const toolDataSchema = z.object({
  deviceJoin: z.string().optional(),
  device: z.object({ agentId: z.string().optional() }).optional(),
});

/** Of an event with its data, as the event log answers it. */
export function deviceCompletenessOf(event: StoredEvent): DeviceCompleteness {
  if (!event.source.startsWith('/tools/')) return 'complete';
  const { deviceJoin, device } = toolDataSchema.safeParse(event.data).data ?? {};
  if (event.deviceId === null && device?.agentId !== undefined) return 'device-unlinked';
  if (event.deviceId === null && deviceJoin === 'missing') return 'device-missing';
  return deviceJoin === 'back-filled' ? 'back-filled' : 'complete';
}
