import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

import type { IngestQuotas } from '../agent-gateway/event-door.ts';
import { registerIngest } from '../agent-gateway/ingest.ts';
import { createIngestMetrics } from '../agent-gateway/metrics.ts';
import type { ToolBodies } from '../agent-gateway/tool-bodies.ts';
import { bodyFormats, decodeBody } from '../enrichers/decode-body.ts';
import { otlpReaders } from '../enrichers/decoders/formats.ts';
import { createToolDirectory } from '../stores/tool-directory.ts';
import type { Clock } from '../streams/clock.ts';
import type { Settings } from './settings.ts';
import type { Stores } from './stores.ts';

export interface DoorOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly stores: Pick<Stores, 'messaging' | 'tokens' | 'cache' | 'documents'>;
}

/** Where events come in. */
export function registerDoor(
  app: FastifyInstance,
  { settings, stores, clock }: DoorOptions,
  registry: Registry,
): void {
  const { messaging, tokens, cache, documents } = stores;
  const metrics = createIngestMetrics(registry);
  const directory = createToolDirectory({ documents, clock });
  const tools: ToolBodies = {
    formats: bodyFormats,
    decode: (scope, body) => decodeBody(directory, scope, body),
  };
  const formats = { tools, otlp: otlpReaders };
  registerIngest(app, { messaging, tokens, cache, clock, quotas: quotasOf(settings), metrics, ...formats });
}

const burstSeconds = 10;

function quotasOf(settings: Settings): IngestQuotas {
  const { OPENFRAME_TENANT_EVENTS_PER_SECOND: tenant, OPENFRAME_DEVICE_EVENTS_PER_SECOND: device } = settings;
  return {
    tenantEventsPerSecond: tenant,
    tenantBurst: tenant * burstSeconds,
    deviceEventsPerSecond: device,
    deviceBurst: device * burstSeconds,
  };
}
