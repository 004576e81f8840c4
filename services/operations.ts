import { randomInt } from 'node:crypto';

import type { MintOptions } from '../agent-gateway/tokens.ts';
import type { PipelineStatus } from '../contracts/pipeline.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import { createDeadLetterStore, type DeadLetterStore } from '../pipelines/dead-letter-store.ts';
import { senderTenants } from '../pipelines/sender-tenants.ts';
import { createDevicesSink } from '../pipelines/devices.ts';
import {
  rebuildReader,
  rebuildSink,
  type RebuildOptions,
  type RebuildReport,
  type RebuildTarget,
  rehearseState,
} from '../pipelines/rebuild.ts';
import { rebuildMarks } from '../pipelines/rebuild-marks.ts';
import { telemetry } from '../pipelines/telemetry.ts';
import { type Trace, traceEvent } from '../pipelines/trace.ts';
import { verify, type VerifyOptions, type VerifyReport } from '../pipelines/verify.ts';
import { createToolDirectory, type ToolDirectory } from '../stores/tool-directory.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { type ConnectorOperations, createConnectorOperations } from './connector-operations.ts';
import { type NotificationOperations, notificationOperations } from './notification-operations.ts';
import { type ParentOperations, parentOperations } from './parent-operations.ts';
import { type RuleOperations, ruleOperations } from './rule-operations.ts';
import { dedupeWindowMs, type Settings } from './settings.ts';
import type { Stores } from './stores.ts';
import { type WindowOperations, windowOperations } from './window-operations.ts';

/** What an operator does with a platform: on its open stores, or through the server that runs on them. */
export interface Operations {
  readonly deadLetters: DeadLetterStore;
  readonly tools: Pick<ToolDirectory, 'connections' | 'connect' | 'disconnect' | 'link' | 'links'>;
  readonly connectors: ConnectorOperations;
  trace(eventId: string): Promise<Trace>;
  verify(options: VerifyOptions): Promise<VerifyReport>;
  rebuild(target: RebuildTarget, options: RebuildOptions): Promise<RebuildReport>;
  /** Rules of a tenant, and what one would have done on the stored stream. */
  readonly rules: RuleOperations;
  /** A tenant's maintenance windows. */
  readonly windows: WindowOperations;
  /** Where a tenant's incidents are told of, and what was told. */
  readonly notifications: NotificationOperations;
  /** Which of a tenant's devices depend on which. */
  readonly parents: ParentOperations;
  mintToken(request: MintOptions): Promise<{ readonly token: string }>;
  pipelines(): Promise<readonly PipelineStatus[]>;
}

/** By which consumer groups of the log an event gets into every store: the embedded event log is analytics too. */
export const embeddedWays = { groups: ['telemetry', 'event-log', 'devices'] } as const;
/** The group `analytics` commits what Pinot has read. */
export const distributedWays = { groups: ['telemetry', 'event-log', 'analytics', 'devices'] } as const;

export interface OperationsDeps {
  readonly stores: Pick<
    Stores,
    | 'messaging'
    | 'log'
    | 'eventLog'
    | 'analytics'
    | 'documents'
    | 'devices'
    | 'alerts'
    | 'rules'
    | 'windows'
    | 'notifications'
    | 'parents'
    | 'tokens'
    | 'writers'
  >;
  readonly clock: Clock;
  readonly groups: readonly string[];
  readonly secrets: SecretBox;
  readonly settings: Settings;
  /** See `VerifyDeps.hurry`. */
  readonly hurry?: () => void;
  /** Where pipelines run. */
  readonly pipelines?: () => Promise<readonly PipelineStatus[]>;
}

export function createOperations(deps: OperationsDeps): Operations {
  const { stores, clock, groups } = deps;
  const ofStores = { ...stores, clock, groups, hurry: () => deps.hurry?.() };
  const tools = createToolDirectory({ documents: stores.documents, clock });
  return {
    deadLetters: createDeadLetterStore(stores.log, clock, () => senderTenants(tools)),
    tools,
    connectors: createConnectorOperations({ documents: stores.documents, clock, secrets: deps.secrets }),
    trace: (eventId) => traceEvent(ofStores, eventId),
    verify: (options) => verify(ofStores, options),
    rebuild: (target, options) => rebuild(deps, target, options),
    rules: ruleOperations(deps),
    windows: windowOperations(stores),
    notifications: notificationOperations(stores, deps.secrets),
    parents: parentOperations(stores),
    mintToken: (request) => stores.tokens.mint(request),
    pipelines: async () => (await deps.pipelines?.()) ?? [],
  };
}

function rebuild(
  { stores, clock, settings }: OperationsDeps,
  target: RebuildTarget,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const deps = { log: stores.log, clock, random: createRandom(randomInt(2 ** 32)) };
  switch (target) {
    case 'event-log':
      return rebuildSink(deps, target, stores.writers.eventLog, options);
    case 'analytics':
      return stores.analytics.readsLog === undefined
        ? rebuildSink(deps, target, stores.writers.analytics, options)
        : rebuildReader(deps, target, stores.analytics.readsLog, options);
    case 'devices':
      return rebuildSink(deps, target, createDevicesSink(stores.devices), options);
    case 'dedupe': {
      // The window does not change what is read, only how long it is believed.
      const topology = telemetry({ windowMs: 600_000, marksRetentionMs: 86_400_000 });
      return rehearseState(deps, topology, options);
    }
    case 'marks': {
      const windowMs = dedupeWindowMs(settings);
      return rebuildMarks(deps, { windowMs, marksRetentionMs: windowMs }, options);
    }
  }
}
