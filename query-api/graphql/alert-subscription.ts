import type { Alert } from '../../contracts/alert.ts';
import type { AlertFilter } from '../../stores/alert-reader.ts';
import { alertFilterOf } from './alert-resolvers.ts';
import type { GraphContext } from './graph-context.ts';
import { endable, type Subscriber } from './subscriptions.ts';

const everyMs = 1_000;
/** So many of the matching alerts are watched, those that were reported last. */
const watched = 1_000;

/** `alertChanged`: each matching alert that came or changed since the stream was opened. */
export const subscribeToAlerts: Subscriber = (_source, given, context) => {
  const filter = alertFilterOf(given);
  return endable(context.signal, (signal) => changedAlerts(filter, context, signal));
};

async function* changedAlerts(
  filter: AlertFilter,
  { stores: { alerts, clock }, principal }: GraphContext,
  signal: AbortSignal,
): AsyncGenerator<{ readonly alertChanged: Alert }> {
  const look = async (): Promise<Map<string, Alert>> => {
    const found = await alerts.list(principal, { ...filter, sort: 'newest', limit: watched });
    return new Map(found.map((alert) => [alert.alertId, alert]));
  };
  let before = await look();
  for (;;) {
    await clock.sleep(everyMs, signal);
    if (signal.aborted) return;
    const now = await look();
    for (const [alertId, alert] of now) {
      const former = before.get(alertId);
      if (former === undefined || signOf(former) !== signOf(alert)) yield { alertChanged: alert };
    }
    for (const [alertId, former] of before) {
      if (now.has(alertId)) continue;
      const left = await alerts.get(principal, alertId);
      if (left !== null && signOf(left) !== signOf(former)) yield { alertChanged: left };
    }
    before = now;
  }
}

/** Differs where anything differs that people see of an alert. */
function signOf({ state, status, score, count, steps, lastEventTimeMs, snoozedUntilMs }: Alert): string {
  return [state, status, score, count, steps.length, lastEventTimeMs, snoozedUntilMs].join(' ');
}
