import { randomBytes } from 'node:crypto';

import { registerWebSockets } from '../agent-gateway/event-stream.ts';
import { topics } from '../contracts/topics.ts';
import { createAlertsSink } from '../pipelines/alerts-sink.ts';
import { createDevicesSink } from '../pipelines/devices.ts';
import { createAlertRegistry } from '../stores/alert-registry.ts';
import { createDeviceRegistry } from '../stores/device-registry.ts';
import { createTriageBook } from '../stores/triage-book.ts';
import { createToolDirectory } from '../stores/tool-directory.ts';
import { restoredStatus } from '../streams/restored.ts';
import type { Sink } from '../streams/sink.ts';
import { registerApiProxy } from './api-proxy.ts';
import { startConnectors } from './connectors.ts';
import { registerControl } from './control-routes.ts';
import { startFeedbackForwarder } from './feedback-forwarder.ts';
import { registerDoor, registerQueries } from './http.ts';
import { createOperations, distributedWays } from './operations.ts';
import { startLinkBackfills } from './link-backfill.ts';
import { createPipelineStatuses } from './pipeline-statuses.ts';
import { openMail, openNotifications, savingAndNoting } from './notifications.ts';
import { startNotifier } from './notifier.ts';
import type { RoleContext } from './role-context.ts';
import { type RoleName, type SinkName, sinkNames } from './role-names.ts';
import type { RoleWork, StartRole } from './role-process.ts';
import { openSecretBox } from './secret-key.ts';
import type { Settings } from './settings.ts';
import { applyAlertRetention, everyHour } from './retention.ts';
import { type SinkPace, startSink } from './sinks.ts';
import { createStatusBoard } from './status-board.ts';
import { openTokens, storesOn } from './stores.ts';
import {
  type OnRestored,
  startAlerts,
  startPresence,
  startRelay,
  startTelemetry,
  startTools,
} from './topologies.ts';

/** How each role starts, but for the sinks, which are chosen. */
export function roleStart(role: RoleName, only: readonly SinkName[] = sinkNames): StartRole {
  switch (role) {
    case 'gateway':
      return startGateway;
    case 'connectors':
      return startConnectorsRole;
    case 'relay':
      return startRelayRole;
    case 'telemetry':
      return startTelemetryRole;
    case 'sink':
      return (context) => startSinkRole(context, only);
    case 'query':
      return startQuery;
    case 'alerts':
      return startAlertsRole;
  }
}

async function startGateway({ engines, settings, clock, stack }: RoleContext): Promise<RoleWork> {
  const [messaging, documents, cache] = await Promise.all([
    engines.messaging(),
    engines.documents(),
    engines.cache(),
  ]);
  const stores = { messaging, cache, documents, tokens: openTokens(documents, clock) };
  const queryUrl = settings.OPENFRAME_QUERY_URL;
  return {
    routes: async (app, registry) => {
      await registerWebSockets(app);
      registerDoor(app, { settings, stores, clock }, registry);
      if (queryUrl !== undefined) stack.use(registerApiProxy(app, queryUrl));
    },
  };
}

/** Nobody shares a connector out: a second process of this role repeats the first one's work, and does no harm. */
async function startConnectorsRole(context: RoleContext): Promise<RoleWork> {
  const { engines, settings, clock, random, stack, log } = context;
  const documents = await engines.documents();
  const secrets = openSecretBox(settings);
  const onFault = (message: string): void => log.warn(message);
  stack.use(startConnectors({ documents, openLog: engines.log, clock, random, secrets, onFault }));
  return {};
}

/** Says in the role's log what a pipeline read back, and how long that took. */
function sayRestored({ log }: RoleContext): OnRestored {
  return (pipeline, partition, restored) => {
    log.info({ pipeline, partition, restored: restoredStatus(restored) }, 'Its state was read back.');
  };
}

async function startRelayRole({ engines, clock, stack, run }: RoleContext): Promise<RoleWork> {
  const [messaging, log] = await Promise.all([engines.messaging(), engines.log()]);
  run(await startRelay({ messaging, log, clock }, stack));
  return {};
}

async function startTelemetryRole(context: RoleContext): Promise<RoleWork> {
  const { engines, settings, clock, stack, run } = context;
  const [log, documents] = await Promise.all([engines.log(), engines.documents()]);
  const deps = { log, documents, clock, settings, onRestored: sayRestored(context) };
  run(await startTelemetry(deps, stack));
  for (const running of await startPresence(deps, stack)) run(running);
  for (const running of await startTools(deps, stack)) run(running);
  return {};
}

async function startAlertsRole(context: RoleContext): Promise<RoleWork> {
  const { engines, clock, stack, run } = context;
  const [log, documents] = await Promise.all([engines.log(), engines.documents()]);
  const deps = { log, documents, clock, onRestored: sayRestored(context) };
  for (const running of await startAlerts(deps, stack)) run(running);
  return {};
}

/** Whoever verifies is another process, which cannot hurry a sink that flushes: it flushes every second. */
const sinkPaces: Readonly<Record<SinkName, SinkPace>> = {
  'event-log': { lingerMs: 50, maxRecords: 10_000, flushPace: { records: 40_960, maxWaitMs: 1_000 } },
  analytics: { lingerMs: 50, maxRecords: 10_000 },
  devices: { lingerMs: 500, maxRecords: 10_000 },
  'alert-store': { lingerMs: 100, maxRecords: 5000 },
};

const sinkTopics: Readonly<Record<SinkName, string>> = {
  'event-log': topics.enriched,
  analytics: topics.enriched,
  devices: topics.enriched,
  'alert-store': topics.alerts,
};

/** Each sink starts by itself: one whose store is away keeps no other waiting. */
async function startSinkRole(context: RoleContext, only: readonly SinkName[]): Promise<RoleWork> {
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
  stack.use(everyHour(apply, onFault));
  return createAlertsSink(savingAndNoting(alerts, notifications.outbox));
}

/** In the order of the dashboard. */
const pipelineNames = [
  ...(['relay', 'tools', 'place', 'telemetry', 'presence'] as const),
  ...(['event-log', 'analytics', 'devices', 'detect', 'alerts', 'alert-store'] as const),
] as const;

function pipelinesOf({ OPENFRAME_DEVICE_EVENTS: told }: Settings) {
  return pipelineNames.filter((name) => told === 'on' || name !== 'presence');
}

async function openQueryStores({ engines, clock }: RoleContext) {
  const [messaging, log, eventLog, analytics, documents] = await Promise.all([
    engines.messaging(),
    engines.log(),
    engines.eventLog(),
    engines.analytics(),
    engines.documents(),
  ]);
  const ports = { messaging, log, eventLog, analytics, documents };
  return { ...ports, ...storesOn(documents, clock, true), writers: { eventLog, analytics } };
}

async function startQuery(context: RoleContext): Promise<RoleWork> {
  const { settings, clock, stack, log: serverLog } = context;
  const stores = await openQueryStores(context);
  const { documents, log, messaging } = stores;
  const board = createStatusBoard(documents, () => clock.nowMs());
  const names = pipelinesOf(settings);
  const statuses = createPipelineStatuses({ log, messaging, statuses: () => board.read(names) }, () =>
    clock.nowMs(),
  );
  const onFault = (message: string): void => serverLog.warn(message);
  stack.use(
    startLinkBackfills({
      ...stores,
      clock,
      storeGroups: ['event-log', 'analytics'],
      directory: createToolDirectory({ documents, clock }),
      onFault,
    }),
  );
  stack.use(startFeedbackForwarder({ ...stores, clock, onFault }));
  const controlToken = settings.OPENFRAME_CONTROL_TOKEN ?? randomBytes(32).toString('base64url');
  return {
    routes: async (app) => {
      const secrets = openSecretBox(settings);
      const ways = { ...distributedWays, pipelines: statuses };
      const operations = createOperations({ stores, clock, secrets, settings, ...ways });
      registerControl(app, operations, controlToken);
      await registerQueries(app, { settings, stores, clock, secrets, statuses, operations });
    },
  };
}
