import type { DeviceKind, MspDevice } from './msp-fleet.ts';
import {
  around,
  type Cause,
  dayMs,
  hourMs,
  isAway,
  minuteMs,
  type Plan,
  type Planning,
  sendAway,
} from './plan.ts';

const silent = /device-silent|DEVICE_OFFLINE|site-silent/;

/** What somebody is to be told of, each with its root cause known; and two things beside them that nobody is. */
export const troubles: readonly ((planning: Planning) => void)[] = [
  uplinkLost,
  diskFilling,
  failedBackup,
  patchNight,
  flappingService,
  clonedIdentity,
  badUpdate,
  bruteForce,
  uplinkBlip,
];

function add(plan: Plan, kind: string, cause: Omit<Cause, 'causeId' | 'kind' | 'page'>, page = true): void {
  const number = 1 + plan.causes.filter((one) => one.kind === kind).length;
  plan.causes.push({ ...cause, causeId: `${kind} ${number}`, kind, page });
}

function atCustomerOf(plan: Plan, organizationId: string): readonly string[] {
  return plan.fleet.filter((one) => one.organizationId === organizationId).map(({ deviceId }) => deviceId);
}

/** A device of a kind that is not away then: what nobody sends cannot be told of. */
function pickPresent({ plan, pick }: Planning, kind: DeviceKind, fromMs: number, toMs: number): MspDevice {
  let device = pick(kind);
  for (let tries = 0; tries < 50 && meets(plan, device, fromMs, toMs); tries++) device = pick(kind);
  return device;
}

function meets(plan: Plan, { deviceId }: MspDevice, fromMs: number, toMs: number): boolean {
  return (plan.away.get(deviceId) ?? []).some((away) => away.fromMs < toMs && away.toMs > fromMs);
}

/** All machines of a customer fall silent within seconds, in the middle of the day. */
function uplinkLost({ plan, random, pick, day }: Planning): void {
  const { organizationId } = pick('server');
  const fromMs = around(random, day(random.next()), 10.7, 20 * minuteMs);
  const toMs = fromMs + (25 + random.below(40)) * minuteMs;
  const deviceIds = atCustomerOf(plan, organizationId).filter((id) => !isAway(plan, id, fromMs));
  for (const id of deviceIds) sendAway(plan, id, { fromMs, toMs, restarts: false });
  add(plan, 'site uplink lost', {
    deviceIds: new Set(deviceIds),
    organizationId,
    fromMs,
    toMs,
    signs: silent,
  });
}

/** The same for two minutes: nobody is to be told. */
function uplinkBlip({ plan, random, pick, day }: Planning): void {
  const { organizationId } = pick('server');
  const fromMs = around(random, day(random.next()), 15, 30 * minuteMs);
  const toMs = fromMs + 120_000;
  const deviceIds = atCustomerOf(plan, organizationId).filter((id) => !isAway(plan, id, fromMs));
  for (const id of deviceIds) sendAway(plan, id, { fromMs, toMs, restarts: false });
  const of = { deviceIds: new Set(deviceIds), organizationId, fromMs, toMs, signs: silent };
  add(plan, 'uplink blip', of, false);
}

/** A server's disk grows to full over a day and a half, and is cleaned four hours later. */
function diskFilling({ plan, random, pick, day }: Planning): void {
  const { deviceId, diskUsed } = pick('server');
  const beginMs = around(random, day(random.next()), 6, 3 * hourMs);
  const fullMs = beginMs + 36 * hourMs;
  const toMs = fullMs + 4 * hourMs;
  const at = (timeMs: number): number =>
    Math.min(1, diskUsed + (1 - diskUsed) * ((timeMs - beginMs) / (fullMs - beginMs)));
  const share = (0.95 - diskUsed) / (1 - diskUsed);
  const fromMs = beginMs + share * (fullMs - beginMs);
  plan.courses.push({ deviceId, metric: 'disk', fromMs: beginMs, toMs, at });
  const signs = /disk-nearly-full/;
  add(plan, 'disk filling', { deviceIds: new Set([deviceId]), fromMs, toMs, signs });
}

/** A backup that fails on two nights running. */
function failedBackup(planning: Planning): void {
  const { plan, random, day } = planning;
  const nightMs = day(random.next());
  const fromMs = around(random, nightMs, 2.6, 10 * minuteMs);
  const { deviceId } = pickPresent(planning, 'server', fromMs, fromMs + dayMs);
  const message = 'Backup of volume C: failed: the snapshot could not be created (0x8004230f)';
  for (const timeMs of [fromMs, fromMs + dayMs]) {
    plan.lines.push({
      timeMs,
      deviceId,
      say: { what: 'log', severity: 'ERROR', logger: 'backup', message },
    });
  }
  const signs = /Backup of volume/;
  add(plan, 'failed backup', { deviceIds: new Set([deviceId]), fromMs, toMs: fromMs + dayMs, signs });
}

/** Servers of a customer are restarted within a window, and one of them does not come back. */
function patchNight({ plan, random, pick, day }: Planning): void {
  const { organizationId } = pick('server');
  const startMs = day(random.next()) + 20 * hourMs;
  const endMs = startMs + 2 * hourMs;
  const number = plan.windows.length + 1;
  plan.windows.push({
    windowId: `patches-${number}`,
    title: 'Patches',
    start: new Date(startMs).toISOString().slice(0, 19),
    timeZone: 'UTC',
    durationMs: endMs - startMs,
    organizationIds: [organizationId],
  });
  const servers = plan.fleet.filter((one) => one.organizationId === organizationId && one.kind === 'server');
  const [lost, ...back] = servers.map(({ deviceId }) => deviceId);
  for (const deviceId of back) {
    const fromMs = startMs + (10 + random.below(80)) * minuteMs;
    sendAway(plan, deviceId, { fromMs, toMs: fromMs + (6 + random.below(4)) * minuteMs, restarts: true });
    const message = 'The service update-agent was stopped by the system with code 1073741845';
    const say = { what: 'log', severity: 'ERROR', logger: 'service-control', message } as const;
    plan.lines.push({ timeMs: fromMs - 5_000, deviceId, say });
  }
  const within = { fromMs: startMs, toMs: endMs, signs: /./ };
  add(plan, 'restarts in a patch window', { deviceIds: new Set(back), ...within }, false);
  if (lost === undefined) return;
  const fromMs = startMs + (10 + random.below(80)) * minuteMs;
  const toMs = startMs + 13 * hourMs;
  sendAway(plan, lost, { fromMs, toMs, restarts: true });
  const of = { deviceIds: new Set([lost]), beganMs: fromMs, fromMs: endMs, toMs, signs: silent };
  add(plan, 'not back after the patch window', of);
}

/** A service that fails and starts again for three hours. */
function flappingService(planning: Planning): void {
  const { plan, random, day } = planning;
  const fromMs = around(random, day(random.next()), 14, 2 * hourMs);
  const toMs = fromMs + 3 * hourMs;
  const { deviceId } = pickPresent(planning, 'server', fromMs, toMs);
  for (let timeMs = fromMs; timeMs < toMs; timeMs += (3 + random.below(4)) * minuteMs) {
    const of = (severity: string, message: string, laterMs: number): void => {
      const say = { what: 'log', severity, logger: 'service-control', message } as const;
      plan.lines.push({ timeMs: timeMs + laterMs, deviceId, say });
    };
    of('ERROR', `The service database terminated unexpectedly, ${random.below(99)} times so far`, 0);
    of('INFO', 'The service database entered the running state', 20_000);
  }
  const signs = /The service database/;
  add(plan, 'flapping service', { deviceIds: new Set([deviceId]), fromMs, toMs, signs });
}

/** A machine that was cloned with its agent: two report as one for some hours. */
function clonedIdentity(planning: Planning): void {
  const { plan, random, day } = planning;
  const fromMs = around(random, day(random.next()), 9.5, hourMs);
  const toMs = fromMs + 6 * hourMs;
  const { deviceId } = pickPresent(planning, 'desktop', fromMs, toMs);
  for (let timeMs = fromMs; timeMs < toMs; timeMs += minuteMs) {
    plan.lines.push({ timeMs, deviceId, say: { what: 'twin-beat' } });
  }
  const signs = /More than one machine|identity-cloned/;
  add(plan, 'cloned device id', { deviceIds: new Set([deviceId]), fromMs, toMs, signs });
}

/** An update makes a program crash on two fifths of the machines that people use, over two hours. */
function badUpdate({ plan, random, day }: Planning): void {
  const fromMs = around(random, day(random.next()), 10, 30 * minuteMs);
  const toMs = fromMs + 2 * hourMs;
  const deviceIds = new Set<string>();
  for (const { deviceId, kind } of plan.fleet) {
    if (kind === 'server' || random.next() > 0.4) continue;
    for (let n = 1 + random.below(4); n > 0; n--) {
      const timeMs = fromMs + random.below(toMs - fromMs);
      if (isAway(plan, deviceId, timeMs)) continue;
      const message = 'mailer.exe crashed in the module office-ui.dll at offset 0x0004f2c1';
      const say = { what: 'log', severity: 'ERROR', logger: 'application', message } as const;
      plan.lines.push({ timeMs, deviceId, say });
      deviceIds.add(deviceId);
    }
  }
  add(plan, 'bad update', { deviceIds, fromMs, toMs, signs: /mailer\.exe crashed/ });
}

/** Hundreds of failed logins on a server within ten minutes, at night. */
function bruteForce(planning: Planning): void {
  const { plan, random, day } = planning;
  const fromMs = around(random, day(random.next()), 23, 40 * minuteMs);
  const toMs = fromMs + 10 * minuteMs;
  const { deviceId } = pickPresent(planning, 'server', fromMs, toMs);
  for (let i = 0; i < 300; i++) {
    const timeMs = fromMs + Math.floor((i / 300) * (toMs - fromMs));
    plan.lines.push({ timeMs, deviceId, say: { what: 'sign-in', user: `admin${i % 40}`, failed: true } });
  }
  const signs = /failed-logins|LOGIN_FAILED/;
  add(plan, 'brute-force logins', { deviceIds: new Set([deviceId]), fromMs, toMs, signs });
}
