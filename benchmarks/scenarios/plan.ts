import type { MaintenanceWindow } from '../../contracts/maintenance-window.ts';
import type { Random } from '../../streams/random.ts';
import type { MspDevice } from './msp-fleet.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** What really happened. Nothing but the metrics reads it. */
export interface Cause {
  readonly causeId: string;
  readonly kind: string;
  /** Somebody is to be told of it; of what is false nobody is. */
  readonly page: boolean;
  readonly deviceIds: ReadonlySet<string>;
  /** It is of a whole site: alerts of the organization itself are signs of it too. */
  readonly organizationId?: string;
  /** When it began; without it, at `fromMs`. */
  readonly beganMs?: number;
  /** From when on somebody is to be told of it, and until when it went on. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Matches the fingerprint (`<rule id> <name>`) of alerts that are signs of it. */
  readonly signs: RegExp;
}

/** A machine sends nothing. `restarts`: its agent comes back as another run. */
export interface Away {
  readonly fromMs: number;
  readonly toMs: number;
  readonly restarts: boolean;
}

/** Something else than heartbeats and measurements that a device reports. */
export interface Line {
  readonly timeMs: number;
  readonly deviceId: string;
  readonly say:
    | { readonly what: 'log'; readonly severity: string; readonly logger: string; readonly message: string }
    | { readonly what: 'sign-in'; readonly user: string; readonly failed: boolean }
    /** A heartbeat of another machine that has this device's identity. */
    | { readonly what: 'twin-beat' };
}

/** Replaces a measurement of a device for a time: gives the value at a time. */
export interface Course {
  readonly deviceId: string;
  readonly metric: 'cpu' | 'disk';
  readonly fromMs: number;
  readonly toMs: number;
  readonly at: (timeMs: number) => number;
}

/** All that will happen, made before anything does. */
export interface Plan {
  readonly startMs: number;
  readonly days: number;
  readonly fleet: readonly MspDevice[];
  readonly causes: Cause[];
  readonly away: Map<string, Away[]>;
  readonly lines: Line[];
  readonly courses: Course[];
  readonly windows: MaintenanceWindow[];
}

/** What a scenario adds to the plan with. */
export interface Planning {
  readonly plan: Plan;
  readonly random: Random;
  /** One device of a kind, and no device twice among those that were picked. */
  pick(kind: MspDevice['kind']): MspDevice;
  /** The start of one of the working days on which causes come, spread over them. */
  day(share: number): number;
}

export function sendAway(plan: Plan, deviceId: string, away: Away): void {
  const of = plan.away.get(deviceId);
  if (of === undefined) plan.away.set(deviceId, [away]);
  else of.push(away);
}

export function isAway(plan: Plan, deviceId: string, timeMs: number): boolean {
  return (plan.away.get(deviceId) ?? []).some(({ fromMs, toMs }) => timeMs >= fromMs && timeMs < toMs);
}

/** Monday to Friday, where `startMs` is a Monday's midnight. */
export function isWorkingDay(plan: Pick<Plan, 'startMs'>, dayStartMs: number): boolean {
  return Math.round((dayStartMs - plan.startMs) / dayMs) % 7 < 5;
}

/** The hour of a day, spread by as much as `spreadMs` to either side. */
export function around(random: Random, dayStartMs: number, hour: number, spreadMs = 0): number {
  return dayStartMs + Math.round(hour * hourMs + (random.next() * 2 - 1) * spreadMs);
}
