import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEmbeddedLog } from '../brokers/embedded/log.ts';
import { createEmbeddedMessaging } from '../brokers/embedded/messaging.ts';
import type { Log } from '../brokers/log.ts';
import type { Messaging } from '../brokers/messaging.ts';
import { eventIdOf } from '../contracts/event-id.ts';
import type { StoredEventId } from '../sinks/event-log.ts';
import { createSystemClock } from '../streams/clock.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { topicDeclarations } from './topic-declarations.ts';
import { type HoldsEvents, verify, type VerifyReport } from './verify.ts';

const clock = createSystemClock();
let resources: AsyncDisposableStack;
let messaging: Messaging;
let log: Log;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const { path } = resources.use(await createTempFolder());
  const options = { duplicateWindowMs: 1000, retentionBytes: 1e9, retentionMs: 1e9 };
  messaging = resources.use(await createEmbeddedMessaging({ path: `${path}/messaging.db`, clock, options }));
  log = resources.use(await createEmbeddedLog({ path: `${path}/log.db`, clock }));
  await log.declareTopics(topicDeclarations(1));
});

afterEach(() => resources.disposeAsync());

const idOf = (tenant: string, id: string): string => eventIdOf(tenant, '/a', id);

async function accept(tenant: string, ids: readonly string[]): Promise<void> {
  const builder = new RecordBatchBuilder();
  for (const id of ids) {
    const headers = { ce_id: id, tenant, eventid: idOf(tenant, id) };
    builder.appendRecord({ key: tenant, value: '{}', timestampMs: 1, headers });
  }
  await messaging.publish(builder.finish());
}

function holding(ids: readonly StoredEventId[]): HoldsEvents {
  return {
    eventIds: async function* () {
      yield ids;
    },
  };
}

const stored = (tenantId: string, ...ids: string[]): StoredEventId[] =>
  ids.map((id) => ({ tenantId, eventId: idOf(tenantId, id) }));

/** What was accepted has reached the log. */
async function relayAll(): Promise<void> {
  await using source = await messaging.consume('relay');
  for await (const batch of source.read({
    maxRecords: 10,
    maxWaitMs: 0,
    signal: new AbortController().signal,
  })) {
    if (batch === null) return;
    await batch.ack();
  }
}

function run(eventLog: readonly StoredEventId[], analytics: readonly StoredEventId[]): Promise<VerifyReport> {
  const stores = { eventLog: holding(eventLog), analytics: holding(analytics) };
  const deps = { messaging, log, clock, groups: [], ...stores };
  return verify(deps, { waitMs: 0 });
}

describe('verify', () => {
  it('is content when each store holds each accepted event once', async () => {
    await accept('acme', ['1', '2']);
    await accept('umbrella', ['1']);
    await relayAll();
    const all = [...stored('acme', '1', '2'), ...stored('umbrella', '1')];
    const report = await run(all, all.toReversed());
    expect(report).toMatchObject({ verdict: 'OK', accepted: 3, lost: 0, duplicated: 0 });
    expect(report.tenants.map((t) => [t.tenantId, t.accepted])).toEqual([
      ['acme', 2],
      ['umbrella', 1],
    ]);
  });

  it('finds an event that one store lost, under its tenant', async () => {
    await accept('acme', ['1', '2']);
    await relayAll();
    const report = await run(stored('acme', '1', '2'), stored('acme', '2'));
    expect(report).toMatchObject({ verdict: 'FAILED', lost: 1 });
    expect(report.tenants[0]).toMatchObject({ eventLog: { lost: 0 }, analytics: { lost: 1 } });
  });

  it('finds an event that a store holds twice', async () => {
    await accept('acme', ['1']);
    await relayAll();
    const report = await run(stored('acme', '1', '1', '1'), stored('acme', '1'));
    expect(report).toMatchObject({ verdict: 'FAILED', duplicated: 1, lost: 0 });
  });

  it("does not take another tenant's event of the same id for the lost one", async () => {
    await accept('acme', ['1']);
    await relayAll();
    const report = await run(stored('umbrella', '1'), stored('umbrella', '1'));
    expect(report).toMatchObject({ verdict: 'FAILED', lost: 2 });
  });

  it('says that what is missing may still come before the relay has begun for the first time', async () => {
    expect(await run([], [])).toMatchObject({ verdict: 'OK', accepted: 0 });
    await accept('acme', ['1']);
    expect(await run([], [])).toMatchObject({ verdict: 'PENDING' });
  });

  it('says that what is missing may still come while a consumer is behind', async () => {
    await using source = await messaging.consume('relay');
    await accept('acme', ['1']);
    expect(source.name).not.toBe('');
    expect(await run([], [])).toMatchObject({ verdict: 'PENDING' });
  });
});
