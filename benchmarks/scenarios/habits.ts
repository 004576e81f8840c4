import { around, dayMs, hourMs, isAway, isWorkingDay, minuteMs, type Planning, sendAway } from './plan.ts';

/** What happens every day and is nothing that anybody is to be told of: the hard negatives. */
export function planHabits(planning: Planning): void {
  const { plan } = planning;
  for (let day = 0; day < plan.days; day++) {
    const startMs = plan.startMs + day * dayMs;
    laptops(planning, startMs);
    desktopsRestart(planning, startMs);
    nightlyJobs(planning, startMs);
    signIns(planning, startMs);
    chatter(planning, startMs);
  }
  disksBreathe(planning);
  for (const [kind, signs] of harmless) {
    const deviceIds = new Set(plan.fleet.map(({ deviceId }) => deviceId));
    const all = { deviceIds, fromMs: plan.startMs, toMs: plan.startMs + plan.days * dayMs };
    plan.causes.push({ causeId: kind, kind, page: false, signs, ...all });
  }
}

/** What harmless things would be told of as, if they were: the first that matches names it. */
const harmless: readonly (readonly [string, RegExp])[] = [
  ['machine closed, restarted or off', /device-silent|DEVICE_OFFLINE|is late/],
  ['mistyped password', /LOGIN_FAILED|failed-logins/],
  ['chronic warning', /SYSTEM_STATUS|SYSTEM_ERROR/],
  ['usual load or use', /cpu-unusual|memory-unusual|memory-exhausted|disk-nearly-full/],
  ['a usual line that is new to the log', /log-templates/],
];

/** Closed each evening about the same time, over lunch now and then, and over the weekend. */
function laptops({ plan, random }: Planning, dayStartMs: number): void {
  for (const { deviceId, kind, opensAt, closesAt } of plan.fleet) {
    if (kind !== 'laptop') continue;
    const opensMs = around(random, dayStartMs, opensAt, 15 * minuteMs);
    const closesMs = around(random, dayStartMs, closesAt, 15 * minuteMs);
    const closed = (fromMs: number, toMs: number): void => {
      sendAway(plan, deviceId, { fromMs, toMs, restarts: random.next() < 0.3 });
    };
    if (!isWorkingDay(plan, dayStartMs)) {
      closed(dayStartMs, dayStartMs + dayMs);
      continue;
    }
    closed(dayStartMs, opensMs);
    closed(closesMs, dayStartMs + dayMs);
    if (random.next() >= 0.3) continue;
    const lunchMs = around(random, dayStartMs, 12.25, 30 * minuteMs);
    closed(lunchMs, lunchMs + (20 + random.below(40)) * minuteMs);
  }
}

/** Two or three minutes, twice in a week. */
function desktopsRestart({ plan, random }: Planning, dayStartMs: number): void {
  for (const { deviceId, kind } of plan.fleet) {
    if (kind !== 'desktop' || random.next() > 2 / 7) continue;
    const fromMs = around(random, dayStartMs, 13, 4 * hourMs);
    sendAway(plan, deviceId, { fromMs, toMs: fromMs + (120 + random.below(60)) * 1000, restarts: true });
  }
}

/** Backups that finish, and the load that they make: every night at two. */
function nightlyJobs({ plan, random }: Planning, dayStartMs: number): void {
  for (const { deviceId, kind } of plan.fleet) {
    if (kind !== 'server') continue;
    const fromMs = around(random, dayStartMs, 2.1, 5 * minuteMs);
    const toMs = fromMs + (30 + random.below(15)) * minuteMs;
    const busy = 0.8 + random.next() * 0.15;
    plan.courses.push({ deviceId, metric: 'cpu', fromMs, toMs, at: () => busy });
    const message = `Backup of volume C: finished in ${Math.round((toMs - fromMs) / 1000)} s`;
    plan.lines.push({
      timeMs: toMs,
      deviceId,
      say: { what: 'log', severity: 'INFO', logger: 'backup', message },
    });
  }
}

/** People sign in, and mistype their password now and then. */
function signIns({ plan, random }: Planning, dayStartMs: number): void {
  if (!isWorkingDay(plan, dayStartMs)) return;
  for (const { deviceId, kind } of plan.fleet) {
    if (kind === 'server') continue;
    let timeMs = around(random, dayStartMs, 10, 30 * minuteMs);
    if (isAway(plan, deviceId, timeMs)) continue;
    const user = `user-${deviceId.slice(4)}`;
    const mistyped = random.next() < 0.15 ? 1 + random.below(3) : 0;
    for (let i = 0; i <= mistyped; i++) {
      plan.lines.push({ timeMs, deviceId, say: { what: 'sign-in', user, failed: i < mistyped } });
      timeMs += 5_000 + random.below(10_000);
    }
  }
}

const warnings = [
  ['time-service', 'The time was set back by 3 s'],
  ['dns-client', 'Name resolution for the name wpad timed out after 5 s'],
  ['group-policy', 'The policy was applied with 2 warnings'],
  ['disk', 'An input or output operation was retried on device 4'],
] as const;
const remarks = [
  ['scheduler', 'Task 17 was started'],
  ['update-agent', 'No updates were found after 42 s'],
  ['dhcp', 'The lease was renewed for 86400 s'],
] as const;

/** Servers warn of the same few things all the time; one desktop in ten has a printer without paper. */
function chatter({ plan, random }: Planning, dayStartMs: number): void {
  const say = (deviceId: string, severity: string, [logger, message]: readonly [string, string]): void => {
    const timeMs = dayStartMs + random.below(dayMs);
    if (isAway(plan, deviceId, timeMs)) return;
    plan.lines.push({ timeMs, deviceId, say: { what: 'log', severity, logger, message } });
  };
  for (const [i, { deviceId, kind }] of plan.fleet.entries()) {
    for (let n = 0; n < 6; n++) say(deviceId, 'INFO', remarks[random.below(remarks.length)] ?? remarks[0]);
    if (kind === 'server') {
      for (let n = random.below(6); n > 0; n--) {
        say(deviceId, 'WARN', warnings[random.below(warnings.length)] ?? warnings[0]);
      }
    }
    if (kind !== 'desktop' || i % 10 !== 1) continue;
    for (let n = 0; n < 3; n++) say(deviceId, 'ERROR', ['print-spooler', 'Print job 118 failed: no paper']);
  }
}

/** Some disks come near to full and are cleaned each night. */
function disksBreathe({ plan }: Planning): void {
  const endMs = plan.startMs + plan.days * dayMs;
  for (const [i, { deviceId, kind }] of plan.fleet.entries()) {
    if (kind !== 'server' || i % 3 !== 0) continue;
    const at = (timeMs: number): number => 0.8 + 0.13 * (((timeMs - plan.startMs) % dayMs) / dayMs);
    plan.courses.push({ deviceId, metric: 'disk', fromMs: plan.startMs, toMs: endMs, at });
  }
}
