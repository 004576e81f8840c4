import DataLoader from 'dataloader';

import type { Completeness } from '../../contracts/completeness.ts';
import type { Device } from '../../contracts/device.ts';
import type { StoredEvent } from '../../contracts/event.ts';
import type { PipelineStatus } from '../../contracts/pipeline.ts';
import type { Principal } from '../../contracts/tenant.ts';
import type { Analytics } from '../../sinks/analytics.ts';
import type { EventLog } from '../../sinks/event-log.ts';
import type { AlertReader } from '../../stores/alert-reader.ts';
import type { AlertRegistry } from '../../stores/alert-registry.ts';
import type { ParentRegistry } from '../../stores/parent-registry.ts';
import type { RuleRegistry } from '../../stores/rule-registry.ts';
import type { WindowRegistry } from '../../stores/window-registry.ts';
import type { Clock } from '../../streams/clock.ts';
import type { LiveTail } from '../live/live-tail.ts';
import type { AskCompleteness } from '../questions/completeness.ts';
import type { DeviceReader } from '../questions/device-page.ts';
import type { NotificationDesk } from '../questions/notification-desk.ts';
import type { RuleTrials } from '../questions/rule-trials.ts';
import type { TriageDesk } from '../questions/triage-desk.ts';
import type { WindowPlans } from '../questions/window-plans.ts';

export interface GraphStores {
  readonly eventLog: EventLog;
  readonly analytics: Analytics;
  readonly devices: DeviceReader;
  readonly alerts: AlertReader & Pick<AlertRegistry, 'act'>;
  readonly rules: Pick<RuleRegistry, 'list' | 'set' | 'remove'>;
  readonly ruleTrials: RuleTrials;
  readonly windows: Pick<WindowRegistry, 'list' | 'set' | 'end' | 'remove'>;
  readonly windowPlans: WindowPlans;
  readonly parents: Pick<ParentRegistry, 'list' | 'set' | 'remove'>;
  readonly notifications: NotificationDesk;
  readonly triage: TriageDesk;
  readonly pipelines: () => Promise<readonly PipelineStatus[]>;
  readonly tail: LiveTail;
  readonly clock: Clock;
  readonly completeness: AskCompleteness;
}

/** What the resolvers of one operation share. */
export interface GraphContext {
  /** Who asks: the scope of every reader. */
  readonly principal: Principal;
  readonly stores: GraphStores;
  /** Ends what would never end: the caller is gone, or the server stops. */
  readonly signal: AbortSignal;
  readonly deviceById: DataLoader<string, Device | null>;
  readonly wholeEventById: DataLoader<string, StoredEvent | null>;
  /** Events that a subscription left out since its last message. */
  dropped: number;
  /** How complete the answer of a query is at least. */
  completeness?: Completeness;
}

/** So many reads of one kind are under way at once for one operation. */
const readsAtOnce = 50;

/** A context for one operation: what it looks up twice is read once, and nothing outlives it. */
export function createGraphContext(
  stores: GraphStores,
  principal: Principal,
  signal: AbortSignal,
): GraphContext {
  const readDevices = (ids: readonly string[]) =>
    Promise.all(ids.map((id) => stores.devices.get(principal, id)));
  const readEvents = (ids: readonly string[]) =>
    Promise.all(ids.map((id) => stores.eventLog.event(principal, id)));
  return {
    principal,
    stores,
    signal,
    deviceById: new DataLoader(readDevices, { maxBatchSize: readsAtOnce }),
    wholeEventById: new DataLoader(readEvents, { maxBatchSize: readsAtOnce }),
    dropped: 0,
  };
}
