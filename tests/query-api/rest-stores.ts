import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkRule } from '../../alerting/rules/check-rule.ts';
import { defaultRules } from '../../alerting/rules/default-rules.ts';
import { occurrencesOf } from '../../alerting/windows/occurrences.ts';
import { createEmbeddedLog } from '../../brokers/embedded/log.ts';
import type { Log } from '../../brokers/log.ts';
import type { EnrichedEvent } from '../../contracts/enriched.ts';
import { topics } from '../../contracts/topics.ts';
import type { Analytics } from '../../sinks/analytics.ts';
import { createEmbeddedEventStore } from '../../sinks/embedded/event-store.ts';
import type { EventLog } from '../../sinks/event-log.ts';
import { type AlertRegistry, createAlertRegistry } from '../../stores/alert-registry.ts';
import { createDeviceRegistry, type DeviceRegistry } from '../../stores/device-registry.ts';
import type { DocumentStore } from '../../stores/documents.ts';
import { createEmbeddedDocuments } from '../../stores/embedded/documents.ts';
import { createRuleRegistry, type RuleRegistry } from '../../stores/rule-registry.ts';
import { openDesk, openNotifications } from '../../services/notifications.ts';
import { createSecretBox } from '../../integrations/sealed-secret.ts';
import type { RestDeps } from '../../query-api/rest/rest.ts';
import { createParentRegistry, type ParentRegistry } from '../../stores/parent-registry.ts';
import { createWindowRegistry, type WindowRegistry } from '../../stores/window-registry.ts';
import type { Clock } from '../../streams/clock.ts';
import { enrichedBatch } from './enriched-events.ts';

/** What the query API reads, on the embedded engines, in a folder that goes when it is disposed of. */
export interface RestStores extends AsyncDisposable {
  readonly log: Log;
  readonly analytics: Analytics;
  readonly eventLog: EventLog;
  readonly devices: DeviceRegistry;
  readonly documents: DocumentStore;
  readonly alerts: AlertRegistry;
  readonly rules: RuleRegistry;
  readonly windows: WindowRegistry;
  readonly parents: ParentRegistry;
  readonly notifications: RestDeps['notifications'];
  readonly clock: Clock;
  /** Writes the events to the store, as the platform's sink does. */
  store(events: readonly EnrichedEvent[]): Promise<void>;
}

export async function openRestStores(clock: Clock): Promise<RestStores> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'openframe-rest-'));
  opening.defer(() => rm(folder, { recursive: true }));
  const log = opening.use(await createEmbeddedLog({ path: join(folder, 'log.db'), clock }));
  await log.declareTopics([
    { name: topics.enriched, partitions: 2, cleanup: 'delete', retentionMs: 0, retentionBytes: 0 },
  ]);
  const events = opening.use(await createEmbeddedEventStore({ path: join(folder, 'events.duckdb'), clock }));
  const documents = opening.use(createEmbeddedDocuments({ path: join(folder, 'documents.db') }));
  const alerts = createAlertRegistry({ documents, clock });
  const secrets = createSecretBox({ key: () => randomBytes(32), randomBytes });
  const notifications = openDesk(openNotifications(documents, alerts, clock), secrets);
  const owned = opening.move();
  return {
    log,
    analytics: events,
    eventLog: events,
    devices: createDeviceRegistry({ documents, clock }),
    documents,
    alerts,
    notifications,
    rules: createRuleRegistry({ documents, clock, defaults: defaultRules, check: checkRule }),
    parents: createParentRegistry({ documents, clock }),
    windows: createWindowRegistry({ documents, clock, check: (window) => void occurrencesOf(window) }),
    clock,
    async store(given) {
      const batch = { partition: 0, bytes: enrichedBatch(given), count: given.length, firstOffset: 0 };
      const rejected = await events.write([batch], new AbortController().signal);
      if (rejected.length > 0) throw new Error(`The sinks rejected ${JSON.stringify(rejected)}.`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
