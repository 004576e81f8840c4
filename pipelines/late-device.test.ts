import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import { createEmbeddedLog } from '../brokers/embedded/log.ts';
import type { Log } from '../brokers/log.ts';
import { deviceCompletenessOf } from '../contracts/device-completeness.ts';
import { toolTopics, topics } from '../contracts/topics.ts';
import { createEmbeddedEventStore, type EmbeddedEventStore } from '../sinks/embedded/event-store.ts';
import { createToolDirectory, type ToolDeviceLink, type ToolDirectory } from '../stores/tool-directory.ts';
import { createManualClock, type ManualClock } from '../streams/clock.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import {
  createTestDriver,
  type DrivenRecord,
  type PipedRecord,
  type TestDriver,
} from '../streams/test-driver.ts';
import type { Topology } from '../streams/topology.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { backfillLink, type LinkBackfillDeps } from './link-backfill.ts';
import { telemetry } from './telemetry.ts';
import { place, tools } from './tools.ts';
import { topicDeclarations } from './topic-declarations.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');
const minuteMs = 60_000;
const fleet = { tool: 'FLEET_MDM', server: 'fleet' } as const;
const acme = { tenantId: 'acme' };
const signal = new AbortController().signal;

let resources: AsyncDisposableStack;
let clock: ManualClock;
let log: Log;
let store: EmbeddedEventStore;
let directory: ToolDirectory;
let drivers: Record<'tools' | 'place' | 'telemetry', TestDriver>;
let seen: Map<TestDriver, number>;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  const { path } = resources.use(await createTempFolder());
  clock = createManualClock(startMs);
  log = resources.use(await createEmbeddedLog({ path: `${path}/log.db`, clock }));
  await log.declareTopics(topicDeclarations(2));
  store = resources.use(await createEmbeddedEventStore({ path: `${path}/store.duckdb`, clock }));
  directory = createToolDirectory({
    documents: resources.use(createEmbeddedDocuments({ path: `${path}/documents.db` })),
    clock,
  });
  await directory.connect({ ...fleet, tenantId: 'acme', scopes: {} });
  const open = (topology: Topology): TestDriver => resources.use(createTestDriver(topology, { startMs }));
  drivers = {
    tools: open(tools),
    place: open(place({ latenessMs: 10 * minuteMs, rememberMs: 24 * 60 * minuteMs }, directory)),
    telemetry: open(telemetry({ windowMs: 600_000, marksRetentionMs: 86_400_000 })),
  };
  seen = new Map();
});

afterEach(() => resources.disposeAsync());

/** What a topology wrote since the last time. */
function news(driver: TestDriver): DrivenRecord[] {
  const records = driver.outputs().slice(seen.get(driver) ?? 0);
  seen.set(driver, (seen.get(driver) ?? 0) + records.length);
  return records;
}

function again({ key, value, eventTimeMs, headers }: DrivenRecord): PipedRecord {
  return { key, value, eventTimeMs, headers };
}

/** Sends what has come on, through every topology into the store. */
async function flow(...records: readonly PipedRecord[]): Promise<void> {
  if (records.length > 0) await drivers.tools.pipe(records);
  await drivers.place.pipe(news(drivers.tools).map(again));
  await raw(news(drivers.place).map(again));
}

async function raw(records: readonly PipedRecord[]): Promise<void> {
  if (records.length > 0) await drivers.telemetry.pipe(records);
  const builder = new RecordBatchBuilder();
  const enriched = news(drivers.telemetry);
  for (const { key, value, eventTimeMs, headers } of enriched) {
    builder.appendRecord({ key, value, timestampMs: eventTimeMs, headers });
  }
  if (enriched.length === 0) return;
  const batch = { partition: 0, bytes: builder.finish(), count: enriched.length, firstOffset: 0 };
  expect(await store.write([batch], signal)).toEqual([]);
}

async function passMinutes(minutes: number): Promise<void> {
  await Promise.all(Object.values(drivers).map((driver) => driver.advanceTime(minutes * minuteMs)));
  await clock.advance(minutes * minuteMs);
  await flow();
}

const row = (table: string, after: object): string =>
  JSON.stringify({ op: 'c', after, source: { name: 'fleet', table, ts_ms: startMs } });

/** An activity that names its host, or says nothing of its id. */
function activity(id: number, given: { readonly hostId?: number; readonly atMs?: number } = {}): PipedRecord {
  const { hostId, atMs = startMs } = given;
  const details =
    hostId === undefined ? { host_display_name: 'mac-1' } : { host_id: hostId, host_display_name: 'pc-1' };
  const value = row('activities', {
    id,
    created_at: new Date(atMs).toISOString(),
    activity_type: hostId === undefined ? 'mdm_enrolled' : 'ran_script',
    details: JSON.stringify(details),
  });
  return { topic: toolTopics.fleetActivities, key: String(id), eventTimeMs: startMs, value };
}

function hostLink(activityId: number, hostId: number): PipedRecord {
  const value = row('host_activities', { host_id: hostId, activity_id: activityId });
  return { topic: toolTopics.fleetHostActivities, key: String(activityId), eventTimeMs: startMs, value };
}

/** Device, completeness and the tool's id of every stored event, oldest first. */
async function stored(): Promise<unknown[]> {
  const listed = await store.events(acme, { filter: {}, sort: 'asc', limit: 100 });
  return Promise.all(
    listed.map(async ({ eventId, deviceId }) => {
      const event = await store.event(acme, eventId);
      if (event === null) return null;
      const { device } = event.data as { device?: { agentId?: string } };
      return [deviceId, deviceCompletenessOf(event), device?.agentId];
    }),
  );
}

/** As if everything on the log had passed its consumers, which the test's drivers stand for. */
function backfill(link: ToolDeviceLink): Promise<number> {
  const passed: LinkBackfillDeps['log'] = {
    append: (...given) => log.append(...given),
    partitionCount: (topic) => log.partitionCount(topic),
    endOffset: () => Promise.resolve(0),
    lag: () => log.lag(),
  };
  return backfillLink(
    { log: passed, analytics: store, eventLog: store, clock, storeGroups: [] },
    link,
    signal,
  );
}

/** What waits for the device of a link, back-filled as the platform does it. */
async function settle(): Promise<number> {
  let count = 0;
  for (const link of await directory.pendingLinks(10)) {
    count += await backfill(link);
    await directory.settleLink(link);
  }
  const cursor = new RecordCursor();
  const records: PipedRecord[] = [];
  for (let partition = 0; partition < 2; partition++) {
    for await (const bytes of log.readAll(topics.raw, partition)) {
      cursor.reset(bytes);
      while (cursor.next()) {
        const [key, headers] = [cursor.keyText(), cursor.headers()];
        records.push({ key, value: cursor.value(), eventTimeMs: cursor.timestampMs, headers });
      }
    }
  }
  await raw(records);
  return count;
}

describe('an event whose device is known late', () => {
  it('is stored with it where the row comes within the lateness, out of order by 9 minutes', async () => {
    await directory.link(fleet, '17', { ...acme, deviceId: 'd-17' });
    await flow(activity(1));
    await passMinutes(9);
    expect(await stored()).toEqual([]);
    await flow(hostLink(1, 17));
    expect(await stored()).toEqual([['d-17', 'complete', '17']]);
  });

  it('is stored without it after 10 minutes, and completed by the row that comes after 11', async () => {
    await directory.link(fleet, '17', { ...acme, deviceId: 'd-17' });
    await flow(activity(1), activity(2));
    await passMinutes(10);
    const missing = [null, 'device-missing', undefined];
    expect(await stored()).toEqual([missing, missing]);
    await passMinutes(1);
    await flow(hostLink(1, 17));
    expect(await stored()).toEqual([['d-17', 'back-filled', '17'], missing]);
    expect(await store.events(acme, { filter: { deviceId: 'd-17' }, sort: 'asc', limit: 9 })).toHaveLength(1);
  });

  it('gets the device that its agent is linked to later, once', async () => {
    await flow(activity(1, { hostId: 17 }), activity(2, { hostId: 18 }));
    expect(await stored()).toEqual([
      [null, 'device-unlinked', '17'],
      [null, 'device-unlinked', '18'],
    ]);
    await directory.link(fleet, '17', { ...acme, deviceId: 'd-17' });
    expect(await settle()).toBe(1);
    expect(await stored()).toEqual([
      ['d-17', 'back-filled', '17'],
      [null, 'device-unlinked', '18'],
    ]);
    expect(await settle()).toBe(0);
  });

  it('that was joined too late is completed in two steps: by the row, then by the link', async () => {
    await flow(activity(1));
    await passMinutes(11);
    await flow(hostLink(1, 17));
    expect(await stored()).toEqual([[null, 'device-unlinked', '17']]);
    await directory.link(fleet, '17', { ...acme, deviceId: 'd-17' });
    await settle();
    expect(await stored()).toEqual([['d-17', 'back-filled', '17']]);
  });

  it('keeps the device that its agent was at its time, where the agent is moved', async () => {
    await directory.link(fleet, '17', { ...acme, deviceId: 'first' });
    await flow(activity(1, { hostId: 17 }));
    await passMinutes(5);
    const moved = await directory.link(fleet, '17', { ...acme, deviceId: 'second' });
    expect(moved.history.map(({ deviceId }) => deviceId)).toEqual(['first']);
    const at = (minutes: number): number => startMs + minutes * minuteMs;
    await flow(activity(2, { hostId: 17, atMs: at(6) }), activity(3, { hostId: 17, atMs: at(1) }));
    expect(await settle()).toBe(0);
    expect((await stored()).map((one) => (one as unknown[])[0])).toEqual(['first', 'first', 'second']);
  });

  it('gets no device of another tenant', async () => {
    await flow(activity(1, { hostId: 17 }));
    await directory.link(fleet, '17', { tenantId: 'umbrella', deviceId: 'd-17' });
    expect(await settle()).toBe(0);
    expect(await stored()).toEqual([[null, 'device-unlinked', '17']]);
  });

  it('waits for its device over a restart between the link and the back-fill', async () => {
    await flow(activity(1, { hostId: 17 }));
    await directory.link(fleet, '17', { ...acme, deviceId: 'd-17' });
    const [link] = await directory.pendingLinks(10);
    if (link === undefined) throw new Error('nothing is pending');
    // Sent, and killed before that was noted.
    await backfill(link);
    expect(await settle()).toBe(1);
    expect(await stored()).toEqual([['d-17', 'back-filled', '17']]);
    expect(drivers.telemetry.status().stages.find(({ name }) => name === 'dedupe')?.dropped).toEqual({
      duplicate: 1,
    });
  });
});
