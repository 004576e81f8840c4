import type { RoleChild } from '../../../services/role-child.ts';
import { Deployment, kill } from '../deployment.ts';
import { sendThroughDoor } from '../door.ts';
import { minuteMs, type Scenario } from '../scenario.ts';
import { TelemetryKills } from '../telemetry-kills.ts';

/** Kills of each role but telemetry, and of telemetry by moment; one while it restores follows one at work. */
const sizes = {
  short: { events: 10_000, ratePerSecond: 600, ofEach: 2, working: 0, inTransaction: 1, restoring: 1 },
  full: { events: 1_000_000, ratePerSecond: 1_500, ofEach: 20, working: 5, inTransaction: 25, restoring: 20 },
} as const;

/** Every role of the data's way is killed under load at seeded moments. */
export const rolesKilled: Scenario = {
  name: 'roles-killed',
  law: 'loses, doubles and reorders nothing, in any store or alert, where each role is killed under load',
  timeoutMs: { short: 5 * minuteMs, full: 30 * minuteMs },
  async run(context) {
    const { random, clock, size } = context;
    const { events, ratePerSecond, ...kills } = sizes[size];
    const deployment = new Deployment(context, { allStores: true, errorOneOf: 20 });
    const [gateway, telemetry, ...others] = await Promise.all([
      deployment.start('gateway'),
      deployment.start('telemetry'),
      deployment.start('relay'),
      deployment.start('sink'),
      deployment.start('alerts'),
    ]);
    const over = new AbortController();
    const { fleet, ledger } = deployment;
    const sending = sendThroughDoor({
      url: await gateway.listening,
      tokens: await deployment.tokens(),
      fleet,
      ledger,
      clock,
      random,
      events,
      ratePerSecond,
    }).finally(() => over.abort());
    const moments = await TelemetryKills.open({ telemetry, deployment, context, over: over.signal });
    const atWork = (role: RoleChild): Strike => {
      return async () => (kill(role) ? [role.name] : []);
    };
    const plan = [
      ...[gateway, ...others].flatMap((role) => repeated(atWork(role), kills.ofEach)),
      ...repeated(atWork(telemetry), kills.working),
      ...repeated<Strike>(() => moments.inTransaction(), kills.inTransaction),
      ...repeated<Strike>(() => moments.restoring(), kills.restoring),
    ];
    const everyMs = (events / ratePerSecond / (plan.length + 1)) * 1000;
    const done: string[] = [];
    let dueMs = clock.nowMs();
    for (const strike of shuffled(plan, random.below.bind(random))) {
      dueMs += everyMs * (0.5 + random.next());
      // One that came late is followed by the next after a while all the same: a role is to live before it dies.
      await clock.sleep(Math.max(dueMs - clock.nowMs(), everyMs / 4), over.signal);
      if (over.signal.aborted) break;
      done.push(...(await strike()));
    }
    const { refusals, repeats, lastAcceptedMs } = await sending;
    return deployment.report(lastAcceptedMs, done.length, { ...countsOf(done), refusals, repeats });
  },
};

/** Kills, and gives the moments of its kills: a role's name where it was at work. */
type Strike = () => Promise<readonly string[]>;

function repeated<T>(item: T, times: number): T[] {
  return Array.from({ length: times }, () => item);
}

function countsOf(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(names, (name) => name)].map(([name, { length }]) => [name, length]),
  );
}

function shuffled<T>(items: T[], below: (limit: number) => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const [a, b] = [items[i], items[j]];
    if (a !== undefined && b !== undefined) [items[i], items[j]] = [b, a];
  }
  return items;
}
