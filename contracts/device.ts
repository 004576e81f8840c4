import { z } from 'zod';

/** `data` of an `openframe.device` event: what a device says of itself. Sizes in bytes. */
export const deviceInventorySchema = z.object({
  hostname: z.string().min(1).max(255),
  organizationId: z.string().max(128).optional(),
  organizationName: z.string().max(256).optional(),
  agentVersion: z.string().optional(),
  os: z
    .object({
      platform: z.string(),
      name: z.string(),
      version: z.string(),
      kernel: z.string().optional(),
      arch: z.string(),
    })
    .optional(),
  hardware: z
    .object({
      manufacturer: z.string().optional(),
      model: z.string().optional(),
      serialNumber: z.string().optional(),
      cpuModel: z.string().optional(),
      cpuCores: z.number().int().optional(),
      memoryBytes: z.number().optional(),
      virtual: z.boolean().optional(),
      /** By what the firmware says of its case. */
      chassis: z.enum(['laptop', 'desktop', 'server']).optional(),
    })
    .optional(),
  networkInterfaces: z
    .array(
      z.object({
        name: z.string(),
        ip4: z.string().optional(),
        ip6: z.string().optional(),
        mac: z.string().optional(),
      }),
    )
    .optional(),
  users: z.array(z.string()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
export type DeviceInventory = z.infer<typeof deviceInventorySchema>;

export const deviceStatuses = ['ONLINE', 'OFFLINE'] as const;

/** A device as it is answered. `lastSeen` is the event time of its newest event, what the platform tells of it left out. */
export const deviceSchema = z.object({
  deviceId: z.string(),
  tenantId: z.string(),
  hostname: z.string().nullable(),
  organizationId: z.string().nullable(),
  organizationName: z.string().nullable(),
  status: z.enum(deviceStatuses),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  inventory: deviceInventorySchema.nullable(),
});
export type Device = z.infer<typeof deviceSchema>;

/** A device that sent nothing for this long is offline: two heartbeats of 60 s missed, and some slack. */
export const offlineAfterMs = 130_000;

/** A device is late after one heartbeat of 60 s that did not come, and some slack. */
export const lateAfterMs = 75_000;

/** What the platform tells of a device's life has a type of this and what happened, and a source of this and the device. */
export const lifeTypePrefix = 'openframe.device.';
export const lifeSourcePrefix = '/devices/';
export const lifeWords = ['registered', 'online', 'late', 'offline', 'changed', 'cloned'] as const;
export type LifeWord = (typeof lifeWords)[number];
