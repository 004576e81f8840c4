import type { DeviceInventory } from '../../contracts/device.ts';
import type { MetricSample } from '../../contracts/event.ts';

/** What the platform's part of an inventory holds. */
export type PlatformInventory = Pick<DeviceInventory, 'hostname' | 'os' | 'hardware' | 'networkInterfaces'>;

/**
 * Readings of this machine, one implementation a platform. Each call reads anew; shares and deltas are against
 * the same call before, so the first gives none. Nothing is estimated: what cannot be read is left out. A call
 * may throw; the agent then reports nothing of that kind this time.
 */
export interface Measurements {
  /** CPU, memory, disk and network traffic, load and uptime: often, so without a child process. */
  metrics(): Promise<MetricSample[]>;
  filesystems(): Promise<MetricSample[]>;
  processes(): Promise<MetricSample[]>;
  /** Empty where there is no service manager to ask. */
  services(signal: AbortSignal): Promise<MetricSample[]>;
  /** Names of the users that are logged in, sorted, each once. */
  users(): Promise<string[]>;
  inventory(): Promise<PlatformInventory>;
}
