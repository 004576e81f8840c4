import type { WatchedDevice, WatchedSite, WatchedTenant } from '../rules/watched-device.ts';
import { chanceOfSilence, leastGaps, lnChoices, type ReportingHabit, usualAgeMs } from './silence-odds.ts';
import { silenceWindowsMs } from './pulse.ts';

/** Who was not heard for so long is not there: a laptop that was closed. */
const presentMs = 1_800_000;
/** A device that was there when a silence began was heard at most so long before. */
const longestAgeMs = 150_000;
/** Of an organization's devices on one partition so many are looked at. */
const mostDevices = 2_000;

/** Puts a device where it belongs now; it may have come from another organization. */
export function placeDevice(
  tenant: WatchedTenant,
  device: WatchedDevice,
  name: string | null = null,
): WatchedSite | null {
  const { organizationId, site } = device;
  if (site !== null && site.organizationId !== organizationId) site.devices.delete(device);
  if (organizationId === null) return (device.site = null);
  let place = tenant.sites.get(organizationId);
  if (place === undefined) {
    const told = { present: 0, silent: [], away: new Map<string, number>() };
    place = { organizationId, name, devices: new Set(), ...told, savedAtMs: Number.NEGATIVE_INFINITY };
    tenant.sites.set(organizationId, place);
  }
  place.name = name ?? place.name;
  place.devices.add(device);
  return (device.site = place);
}

/** What an organization's silence comes to, by window: see `silenceWindowsMs`. */
export interface SilenceSums {
  present: number;
  readonly devices: number[];
  readonly nats: number[];
}

/**
 * Which of the devices were there when each window began and gave no sign of life since, and how unlikely that is, each
 * device by itself: for independent devices the chances multiply.
 */
export function sumSilence(devices: Iterable<WatchedDevice>, nowMs: number): SilenceSums {
  const sums: SilenceSums = {
    present: 0,
    devices: silenceWindowsMs.map(() => 0),
    nats: silenceWindowsMs.map(() => 0),
  };
  for (const { habit, seenMs } of firstOf(devices)) {
    const ageMs = nowMs - seenMs;
    if (ageMs > presentMs || habit.gaps.length < leastGaps) continue;
    sums.present++;
    const thereMs = thereForMs(habit);
    for (const [i, windowMs] of silenceWindowsMs.entries()) {
      if (ageMs < windowMs) break;
      if (ageMs - windowMs > thereMs) continue;
      sums.devices[i] = (sums.devices[i] ?? 0) + 1;
      sums.nats[i] = (sums.nats[i] ?? 0) - Math.log(chanceOfSilence(habit, windowMs));
    }
  }
  return sums;
}

/** The window that says most, and how much that is after the price of picking the silent ones; −1 where none does. */
export function bestWindow({ present, devices, nats }: SilenceSums): {
  readonly at: number;
  readonly nats: number;
} {
  let best = { at: -1, nats: 0 };
  for (const [i, count] of devices.entries()) {
    const left = (nats[i] ?? 0) - lnChoices(present, count);
    if (count > 0 && left > best.nats) best = { at: i, nats: left };
  }
  return best;
}

/** Devices that were there when the window began and were not heard since. */
export function silentSince(
  devices: Iterable<WatchedDevice>,
  nowMs: number,
  windowMs: number,
): WatchedDevice[] {
  return [...firstOf(devices)].filter(({ habit, seenMs }) => {
    const beforeMs = nowMs - windowMs - seenMs;
    return habit.gaps.length >= leastGaps && beforeMs >= 0 && beforeMs <= thereForMs(habit);
  });
}

/** How long before a silence began a device that was there may have been heard last. */
export function thereForMs(habit: ReportingHabit): number {
  return Math.min(longestAgeMs, usualAgeMs(habit));
}

function* firstOf(devices: Iterable<WatchedDevice>): Generator<WatchedDevice> {
  let left = mostDevices;
  for (const device of devices) {
    if (left-- === 0) return;
    yield device;
  }
}
