import { createRandom } from '../../streams/random.ts';
import { planHabits } from './habits.ts';
import { createMspFleet, type DeviceKind, type MspDevice } from './msp-fleet.ts';
import { dayMs, isWorkingDay, type Plan, type Planning } from './plan.ts';
import { troubles } from './troubles.ts';

/** A Monday. */
const startMs = Date.UTC(2026, 2, 2);
const learningDays = 2;

export interface PlanOptions {
  readonly seed: number;
  readonly days: number;
  readonly devices: number;
}

/**
 * Plans what happens to a fleet: habits every day from the first, and each kind of trouble once a week, at least once,
 * not before the third day. Equal options give equal plans.
 */
export function makePlan({ seed, days, devices }: PlanOptions): Plan {
  const random = createRandom(seed);
  const fleet = createMspFleet(devices, random);
  const plan: Plan = {
    ...{ startMs, days, fleet, causes: [], away: new Map(), lines: [], courses: [], windows: [] },
  };
  planHabits({ plan, random, pick: () => first(fleet), day: () => startMs });
  const kept = plan.causes.splice(0);
  const workingDays = Array.from({ length: days }, (_, i) => startMs + i * dayMs).filter((dayStartMs, i) => {
    // What begins on the last day would not be seen to its end.
    return isWorkingDay(plan, dayStartMs) && i >= Math.min(learningDays, days - 3) && i < days - 2;
  });
  const planning: Planning = {
    plan,
    random,
    pick: picker(fleet, random),
    day: (share) => workingDays[Math.floor(share * workingDays.length)] ?? startMs,
  };
  const rounds = Math.max(1, Math.round(days / 7));
  for (let round = 0; round < rounds; round++) for (const trouble of troubles) trouble(planning);
  // What is harmless explains an alert only where no trouble does.
  plan.causes.push(...kept);
  plan.lines.sort((a, b) => a.timeMs - b.timeMs);
  for (const of of plan.away.values()) of.sort((a, b) => a.fromMs - b.fromMs);
  return plan;
}

function picker(fleet: readonly MspDevice[], random: { below(bound: number): number }) {
  const picked = new Set<string>();
  return (kind: DeviceKind): MspDevice => {
    const all = fleet.filter((one) => one.kind === kind);
    const free = all.filter(({ deviceId }) => !picked.has(deviceId));
    const from = free.length > 0 ? free : all;
    const device = from[random.below(from.length)] ?? first(fleet);
    picked.add(device.deviceId);
    return device;
  };
}

function first(fleet: readonly MspDevice[]): MspDevice {
  const [device] = fleet;
  if (device === undefined) throw new RangeError('a fleet has at least one device');
  return device;
}
