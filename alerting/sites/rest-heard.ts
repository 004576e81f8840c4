import type { WatchedDevice, WatchedSite, WatchedTenant } from '../rules/watched-device.ts';
import { chanceOfSilence, leastGaps } from './silence-odds.ts';
import { silenceWindowsMs } from './pulse.ts';
import { thereForMs } from './watched-site.ts';

/** Of a partition's devices about so many, evenly chosen, say whether it is heard. */
const mostAsked = 2_000;

/** By window, see `silenceWindowsMs`: how many devices should have been heard in it, and how many were. */
export interface Heard {
  readonly expected: number[];
  readonly heard: number[];
}

/** What a partition's devices without those of one site should have said, and did. A pass over the devices. */
export function hearRest(tenants: readonly WatchedTenant[], nowMs: number): (site: WatchedSite) => Heard {
  const all = nothingHeard();
  const bySite = new Map<WatchedSite | null, Heard>();
  for (const device of asked(tenants)) {
    if (device.habit.gaps.length < leastGaps) continue;
    let own = bySite.get(device.site);
    if (own === undefined) bySite.set(device.site, (own = nothingHeard()));
    hear(device, nowMs, [all, own]);
  }
  return (site) => {
    const own = bySite.get(site);
    return own === undefined ? all : without(all, own);
  };
}

/** Every n-th device: of each site its share. */
function* asked(tenants: readonly WatchedTenant[]): Generator<WatchedDevice> {
  const every = Math.ceil(tenants.reduce((sum, { devices }) => sum + devices.size, 0) / mostAsked);
  let at = 0;
  for (const { devices } of tenants) {
    for (const device of devices.values()) if (at++ % every === 0) yield device;
  }
}

function hear({ habit, seenMs }: WatchedDevice, nowMs: number, sums: readonly Heard[]): void {
  const ageMs = nowMs - seenMs;
  const thereMs = thereForMs(habit);
  for (const [i, windowMs] of silenceWindowsMs.entries()) {
    if (ageMs - windowMs > thereMs) continue;
    const expected = 1 - chanceOfSilence(habit, windowMs);
    for (const sum of sums) {
      sum.expected[i] = (sum.expected[i] ?? 0) + expected;
      if (ageMs < windowMs) sum.heard[i] = (sum.heard[i] ?? 0) + 1;
    }
  }
}

function nothingHeard(): Heard {
  return { expected: silenceWindowsMs.map(() => 0), heard: silenceWindowsMs.map(() => 0) };
}

function without(all: Heard, own: Heard): Heard {
  return {
    expected: all.expected.map((expected, i) => expected - (own.expected[i] ?? 0)),
    heard: all.heard.map((heard, i) => heard - (own.heard[i] ?? 0)),
  };
}
