import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';

import { createEmbeddedMessaging } from '../brokers/embedded/messaging.ts';
import type { Messaging } from '../brokers/messaging.ts';
import { otlpReaders } from '../enrichers/decoders/formats.ts';
import { createEmbeddedCache } from '../stores/embedded/cache.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import { createManualClock, type ManualClock } from '../streams/clock.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import type { StreamRecord } from '../streams/record.ts';
import { registerIngest } from './ingest.ts';
import type { IngestDeps } from './ingest-context.ts';
import { createIngestMetrics } from './metrics.ts';
import { createTokens, type MintOptions } from './tokens.ts';

/** Noon of an ordinary day: where the clock of the tests stands at first. */
export const noonMs = Date.UTC(2026, 0, 31, 12);

/** A gateway on embedded engines in a folder of its own, for tests. */
export interface TestGateway extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly clock: ManualClock;
  readonly registry: Registry;
  readonly deps: IngestDeps;
  token(options?: Partial<MintOptions>): Promise<string>;
  /** Everything the messaging holds. */
  stored(): Promise<StreamRecord[]>;
}

export async function createTestGateway(
  options: Partial<IngestDeps> & { readonly wrap?: (messaging: Messaging) => Messaging } = {},
): Promise<TestGateway> {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'openframe-gateway-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const clock = createManualClock(noonMs);
  const documents = stack.use(createEmbeddedDocuments({ path: join(folder, 'documents.sqlite') }));
  const cache = stack.use(createEmbeddedCache({ clock }));
  const messaging = stack.use(
    await createEmbeddedMessaging({
      path: join(folder, 'messaging.sqlite'),
      clock,
      options: { duplicateWindowMs: 120_000, retentionBytes: 1 << 30, retentionMs: 7 * 24 * 3_600_000 },
    }),
  );
  const tokens = createTokens({ documents, clock, randomBytes });
  const registry = new Registry();
  const app = fastify({ logger: false });
  const deps: IngestDeps = {
    messaging: options.wrap?.(messaging) ?? messaging,
    tokens,
    cache,
    clock,
    quotas: {
      tenantEventsPerSecond: 100_000,
      tenantBurst: 100_000,
      deviceEventsPerSecond: 100_000,
      deviceBurst: 100_000,
    },
    metrics: createIngestMetrics(registry),
    otlp: otlpReaders,
    ...options,
  };
  registerIngest(app, deps);
  stack.defer(() => app.close());
  return {
    app,
    clock,
    registry,
    deps,
    token: async (mint = {}) => (await tokens.mint({ tenantId: 'north', role: 'agent', ...mint })).token,
    stored: () => storedRecords(messaging),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function storedRecords(messaging: Messaging): Promise<StreamRecord[]> {
  const records: StreamRecord[] = [];
  const cursor = new RecordCursor();
  for await (const batch of messaging.readAll()) {
    cursor.reset(batch);
    while (cursor.next()) {
      records.push({
        key: cursor.keyText(),
        eventTimeMs: cursor.timestampMs,
        headers: cursor.headers(),
        value: cursor.value() === null ? null : Buffer.from(cursor.value() ?? []),
      });
    }
  }
  return records;
}
