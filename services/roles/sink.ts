import { topics } from '../../contracts/topics.ts';
import { createAlertsSink } from '../../pipelines/alerts-sink.ts';
import { createDevicesSink } from '../../pipelines/devices.ts';
import { createAlertRegistry } from '../../stores/alert-registry.ts';
import { createDeviceRegistry } from '../../stores/device-registry.ts';
import { createTriageBook } from '../../stores/triage-book.ts';
import type { Sink } from '../../streams/sink.ts';
import { openMail, openNotifications, savingAndNoting } from '../notifications.ts';
import { startNotifier } from '../notifier.ts';
import { applyAlertRetention, applyHourly } from '../retention.ts';
import type { RoleContext } from '../role-context.ts';
import type { SinkName } from '../role-names.ts';
import type { RoleWork } from '../role-process.ts';
import { openSecretBox } from '../secret-key.ts';
import { type SinkPace, startSink } from '../sinks.ts';

/**
 * Whoever verifies is another process, which cannot hurry a sink that flushes: it flushes every second. The event log
 * takes some kilobytes of memory for each record of a write, which are many only when it catches up.
 */
const sinkPaces: Readonly<Record<SinkName, SinkPace>> = {
  'event-log': { lingerMs: 250, maxRecords: 5000, flushPace: { records: 40_960, maxWaitMs: 1_000 } },
  analytics: { lingerMs: 250, maxRecords: 10_000 },
  devices: { lingerMs: 1_000, maxRecords: 10_000 },
  'alert-store': { lingerMs: 250, maxRecords: 5000 },
};

const sinkTopics: Readonly<Record<SinkName, string>> = {
  'event-log': topics.enriched,
  analytics: topics.enriched,
  devices: topics.enriched,
  'alert-store': topics.alerts,
};

/** Each sink starts by itself: one whose store is away keeps no other waiting. */
export async function startSinkRole(context: RoleContext, only: readonly SinkName[]): Promise<RoleWork> {
  const { engines, clock, random, stack, run } = context;
  const openSink = async (name: SinkName): Promise<Sink> => {
    if (name === 'event-log') return engines.eventLog();
    if (name === 'analytics') return engines.analytics();
    const deps = { documents: await engines.documents(), clock, shared: true };
    if (name === 'alert-store') return openAlertStore(context, deps);
    return createDevicesSink(createDeviceRegistry(deps));
  };
  const start = async (name: SinkName): Promise<void> => {
    const [sink, log] = await Promise.all([openSink(name), engines.log()]);
    run(await startSink(sink, { log, clock, random, pace: sinkPaces[name], topic: sinkTopics[name] }, stack));
  };
  await Promise.all(only.map(start));
  return {};
}

/** Alerts, and behind them what is to be told of them, which this process tells. */
function openAlertStore(
  { settings, clock, stack, log }: RoleContext,
  deps: Parameters<typeof createAlertRegistry>[0],
): Sink {
  const alerts = createAlertRegistry(deps);
  const notifications = openNotifications(deps.documents, alerts, clock);
  const triages = createTriageBook(deps.documents);
  const secrets = openSecretBox(settings);
  const onFault = (message: string): void => log.warn(message);
  stack.use(startNotifier({ ...notifications, secrets, mail: openMail(settings), clock, onFault }));
  const apply = () => applyAlertRetention({ alerts, notifications, triages }, settings, clock.nowMs());
  stack.use(applyHourly({ clock, onFault }, apply));
  return createAlertsSink(savingAndNoting(alerts, notifications.outbox));
}
