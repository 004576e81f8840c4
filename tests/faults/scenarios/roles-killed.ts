import { Deployment, kill } from '../deployment.ts';
import { sendThroughDoor } from '../door.ts';
import { minuteMs, type Scenario } from '../scenario.ts';

const roleNames = ['gateway', 'relay', 'telemetry', 'sink', 'alerts'] as const;
const sizes = {
  short: { events: 10_000, ratePerSecond: 600, killsOfEach: 2 },
  full: { events: 240_000, ratePerSecond: 1_500, killsOfEach: 20 },
} as const;

/** Every role of the data's way is killed under load, each as often as the others, at seeded moments. */
export const rolesKilled: Scenario = {
  name: 'roles-killed',
  law: 'loses, doubles and reorders nothing, in any store or alert, where each role is killed under load',
  timeoutMs: { short: 5 * minuteMs, full: 20 * minuteMs },
  async run(context) {
    const { random, clock, size } = context;
    const { events, ratePerSecond, killsOfEach } = sizes[size];
    const deployment = new Deployment(context, { allStores: true, errorOneOf: 20 });
    const started = await Promise.all(roleNames.map((role) => deployment.start(role)));
    const [gateway] = started;
    if (gateway === undefined) throw new Error('no gateway');
    const { fleet, ledger } = deployment;
    const over = new AbortController();
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
    const plan = shuffled(
      Array.from({ length: killsOfEach }, () => started).flat(),
      random.below.bind(random),
    );
    const everyMs = (events / ratePerSecond / (plan.length + 1)) * 1000;
    let kills = 0;
    for (const role of plan) {
      await clock.sleep(everyMs * (0.5 + random.next()), over.signal);
      if (over.signal.aborted) break;
      if (kill(role)) kills++;
    }
    const { refusals, repeats, lastAcceptedMs } = await sending;
    return deployment.report(lastAcceptedMs, kills, { planned: plan.length, refusals, repeats });
  },
};

function shuffled<T>(items: T[], below: (limit: number) => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1);
    const [a, b] = [items[i], items[j]];
    if (a !== undefined && b !== undefined) [items[i], items[j]] = [b, a];
  }
  return items;
}
