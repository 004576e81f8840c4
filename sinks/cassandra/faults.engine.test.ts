import { expect, it, vi } from 'vitest';

import { enrichedBatch, enrichedEvent, eventIdOf } from '../../conformance/enriched-events.ts';
import { north, signal, storedIds } from '../../conformance/event-sinks.ts';
import { connectionOfRun, createKeyspace, optionsFor } from './cassandra.fixture.ts';
import { startCqlProxy } from './cql-proxy.fixture.ts';
import { createCassandraEventLog } from './event-log.ts';

const unavailable = { code: 'STORE_UNAVAILABLE', retryable: true };

async function openThroughProxy() {
  const opened = new AsyncDisposableStack();
  const { keyspace } = opened.use(await createKeyspace());
  const proxy = opened.use(await startCqlProxy(connectionOfRun().contactPoints[0] ?? ''));
  const options = { ...optionsFor(keyspace), contactPoints: [proxy.address], requestTimeoutMs: 1000 };
  const log = opened.use(await createCassandraEventLog(options));
  return { proxy, log, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

it('says that the cluster is away, and goes on by itself when it is back', async () => {
  await using subject = await openThroughProxy();
  const { proxy, log } = subject;
  await log.write([enrichedBatch([enrichedEvent(1)])], signal);
  await proxy.leave();
  await expect(log.write([enrichedBatch([enrichedEvent(2)])], signal)).rejects.toMatchObject(unavailable);
  await expect(log.event(north, eventIdOf(1))).rejects.toMatchObject(unavailable);
  await expect(storedIds(log)).rejects.toMatchObject(unavailable);
  await proxy.comeBack();
  await vi.waitFor(() => log.write([enrichedBatch([enrichedEvent(2)])], signal), {
    timeout: 20_000,
    interval: 100,
  });
  expect(await storedIds(log)).toEqual([`north/${eventIdOf(1)}`, `north/${eventIdOf(2)}`]);
});

it('leaves an overloaded cluster alone: one refusal ends the write, and is retryable', async () => {
  await using subject = await openThroughProxy();
  const { proxy, log } = subject;
  const events = Array.from({ length: 40 }, (_, n) =>
    enrichedEvent(n, { eventTime: Date.UTC(2026, 2, 1) + n * 60_000, deviceId: 'device-1' }),
  );
  proxy.setBatchFault('overloaded');
  await expect(log.write([enrichedBatch(events)], signal)).rejects.toMatchObject(unavailable);
  // 80 partitions waited; no more than were under way at once were asked, each one time.
  expect(proxy.batches()).toBeLessThanOrEqual(16);
  proxy.setBatchFault('none');
  await log.write([enrichedBatch(events)], signal);
  expect(await storedIds(log)).toEqual(events.map((e) => `north/${e.eventId}`));
});

it('stores once what timed out after it was applied', async () => {
  await using subject = await openThroughProxy();
  const { proxy, log } = subject;
  const batch = enrichedBatch([enrichedEvent(1), enrichedEvent(2)]);
  proxy.setBatchFault('applied-but-unanswered');
  await expect(log.write([batch], signal)).rejects.toMatchObject(unavailable);
  proxy.setBatchFault('none');
  const firstMs = await vi.waitFor(() => log.storedAtMs(north, eventIdOf(1)), { timeout: 20_000 });
  expect(firstMs).toBeGreaterThan(0);
  await vi.waitFor(() => log.write([batch], signal), { timeout: 20_000, interval: 100 });
  expect(await storedIds(log)).toEqual([`north/${eventIdOf(1)}`, `north/${eventIdOf(2)}`]);
  expect(await log.storedAtMs(north, eventIdOf(1))).toBe(firstMs);
});
