import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defaultRuleBook } from '../../alerting/rules/default-rule-book.ts';
import { noWindows } from '../../alerting/window-book.ts';
import type { EnrichedEvent } from '../../contracts/enriched.ts';
import { toolTopics } from '../../contracts/topics.ts';
import { enrichedBatch, enrichedEvent } from '../../conformance/enriched-events.ts';
import { alerts } from '../../pipelines/alerts.ts';
import { detect } from '../../pipelines/detect.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { place, tools } from '../../pipelines/tools.ts';
import { eventPage, nextCursorOf } from '../../query-api/questions/event-page.ts';
import { applyRetention } from '../../services/retention.ts';
import { readSettings } from '../../services/settings.ts';
import { createEmbeddedEventStore } from '../../sinks/embedded/event-store.ts';
import { createManualClock } from '../../streams/clock.ts';
import {
  createTestDriver,
  type DrivenRecord,
  type PipedRecord,
  type TestDriver,
} from '../../streams/test-driver.ts';
import type { Topology } from '../../streams/topology.ts';
import { createTempFolder } from '../support/temp-folder.ts';

/** What technicians complain of in the tools that they have, as it goes here. */

const startMs = Date.parse('2026-11-22T12:00:00Z');
const dayMs = 86_400_000;
const signal = new AbortController().signal;
const directory = {
  connection: async () => ({ tool: 'TACTICAL_RMM', server: 't', tenantId: 'acme', scopes: {} }) as const,
  device: async (_: object, agentId: string) => ({
    tenantId: 'acme',
    deviceId: `pc-${agentId}`,
    sinceMs: 0,
    history: [],
  }),
};

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

/** Every topology from a tool's topic to alerts, one behind the other. */
function platform() {
  const open = (topology: Topology): TestDriver => resources.use(createTestDriver(topology, { startMs }));
  const decoding = open(tools);
  const placing = open(place({ latenessMs: 600_000, rememberMs: dayMs }, directory));
  const telling = open(telemetry({ windowMs: 600_000, marksRetentionMs: dayMs }));
  const detecting = open(detect(defaultRuleBook));
  const alerting = open(alerts(noWindows));
  const chain = [decoding, placing, telling, detecting, alerting];
  const passed = new Map<TestDriver, number>();
  const again = ({ key, value, eventTimeMs, headers }: DrivenRecord): PipedRecord => ({
    key,
    value,
    eventTimeMs,
    headers,
  });
  return {
    async take(records: readonly PipedRecord[]): Promise<void> {
      let next = records;
      for (const driver of chain) {
        if (next.length > 0) await driver.pipe(next);
        const outputs = driver.outputs();
        next = outputs.slice(passed.get(driver) ?? 0).map(again);
        passed.set(driver, outputs.length);
      }
    },
    events: () => telling.outputs().map(({ json }) => json as EnrichedEvent),
    dropped: () => decoding.status().stages[0]?.dropped,
    alerts: () => alerting.outputs(),
  };
}

/** A change of a row of one of Tactical's tables. */
function change(table: string, row: { readonly id: number }, before: object | null = null): PipedRecord {
  const source = { name: 't', table, ts_ms: startMs };
  const value = { op: before === null ? 'c' : 'u', before, after: { agent_id: row.id % 50, ...row }, source };
  return { topic: toolTopics.tactical, key: `${table}/${row.id}`, eventTimeMs: startMs, value };
}

const resolved = (id: number, before: object | null): PipedRecord =>
  change(
    'alerts_alert',
    {
      id,
      ...{ alert_type: 'check', severity: 'error', resolved: true, resolved_on: '2026-11-22T12:00:00Z' },
    },
    before,
  );

describe('what technicians complain of', () => {
  it('is not a burst of "resolved" after a maintenance window: each is an event, and none an alert', async () => {
    const { take, events, alerts: raised } = platform();
    await take(Array.from({ length: 200 }, (_, id) => resolved(id + 1, { id: id + 1, resolved: false })));
    expect(events()).toHaveLength(200);
    expect(new Set(events().map(({ eventType, severity }) => `${eventType} ${severity}`))).toEqual(
      new Set(['ALERT_RESOLVED INFO']),
    );
    expect(raised()).toEqual([]);
  });

  it('is not a resolve with no alert before it', async () => {
    const { take, events, alerts: raised } = platform();
    await take([resolved(7, null)]);
    expect(events()).toMatchObject([{ eventType: 'ALERT_RESOLVED', severity: 'INFO', deviceId: 'pc-7' }]);
    expect(raised()).toEqual([]);
  });

  it('is not a check that says the same every minute, and is one alert where it says that it fails', async () => {
    const { take, events, dropped, alerts: raised } = platform();
    const check = (minute: number, status: string, before: string | null): PipedRecord => {
      const last_run = new Date(startMs + minute * 60_000).toISOString();
      const row = { id: 3, status, last_run, assigned_check_id: 5 };
      return change('checks_checkresult', row, before === null ? null : { status: before });
    };
    await take([check(0, 'passing', null)]);
    await take(Array.from({ length: 1000 }, (_, minute) => check(minute + 1, 'passing', 'passing')));
    expect(events()).toHaveLength(1);
    expect(dropped()).toMatchObject({ 'check status repeated': 1000 });
    expect(raised()).toEqual([]);
    await take([check(1001, 'failing', 'passing')]);
    expect(events()).toHaveLength(2);
    expect(raised()).toHaveLength(1);
  });

  it('is not a run of GitOps that says the same every hour, and is its one change', async () => {
    const { take, events, alerts: raised } = platform();
    let id = 0;
    const activity = (type: string, details: object): PipedRecord => {
      const created_at = new Date(startMs + ++id * 1000).toISOString();
      const after = {
        id,
        created_at,
        user_name: 'GitOps',
        activity_type: type,
        details: JSON.stringify(details),
      };
      const value = {
        op: 'c',
        before: null,
        after,
        source: { name: 'fleet', table: 'activities', ts_ms: startMs },
      };
      return { topic: toolTopics.fleetActivities, key: String(id), eventTimeMs: startMs, value };
    };
    const run = (query: string): PipedRecord[] => [
      activity('applied_spec_policy', {
        policies: [{ name: 'Gatekeeper is on', query, team: 'Workstations' }],
      }),
      activity('edited_windows_updates', { team_id: null, deadline_days: 5, grace_period_days: 2 }),
    ];
    for (let hour = 0; hour < 24; hour++) await take(run('SELECT 1;'));
    await take(run('SELECT 2;'));
    const told = events().filter(({ severity }) => severity !== 'DEBUG');
    expect([events().length, told.map(({ sourceId }) => sourceId)]).toEqual([50, ['1', '2', '49']]);
    expect(raised()).toEqual([]);
  });

  it('is not that no more than 1,000 events of a device can be read', async () => {
    const { path } = resources.use(await createTempFolder());
    const store = resources.use(
      await createEmbeddedEventStore({ path: `${path}/store.duckdb`, clock: createManualClock(startMs) }),
    );
    const count = 3500;
    const device = { deviceId: 'device-1' };
    const written = Array.from({ length: count }, (_, n) => enrichedEvent(n, device));
    await store.write([enrichedBatch(written)], signal);
    const read: string[] = [];
    let cursor: string | null = null;
    do {
      const question = { filter: device, sort: 'desc', limit: 1000, cursor: cursor ?? undefined } as const;
      const page = await eventPage(store, { tenantId: 'north' }, question);
      read.push(...page.items.map(({ eventId }) => eventId));
      cursor = nextCursorOf(page);
    } while (cursor !== null);
    expect([read.length, new Set(read).size]).toEqual([count, count]);
  });

  it('is not that who did what is gone with the telemetry: a year of it is kept, and 30 days of all else', async () => {
    const { path } = resources.use(await createTempFolder());
    const clock = createManualClock(startMs);
    const eventLog = resources.use(await createEmbeddedEventStore({ path: `${path}/store.duckdb`, clock }));
    const ages = [0, 29, 31, 200, 364, 366];
    const written = ages.flatMap((days, i) => {
      const eventTime = startMs - days * dayMs + 1000;
      const heartbeat = enrichedEvent(i, {
        eventTime,
        eventType: 'DEVICE_HEARTBEAT',
        summary: `heartbeat ${days}`,
      });
      return [heartbeat, enrichedEvent(100 + i, { eventTime, eventType: 'LOGIN', summary: `login ${days}` })];
    });
    await eventLog.write([enrichedBatch(written)], signal);
    const nothing = { deleteBefore: () => Promise.resolve() };
    await applyRetention(
      { eventLog, alerts: nothing, notifications: { outbox: nothing }, triages: nothing },
      readSettings({}),
      startMs,
    );
    const left = await eventLog.events({ tenantId: 'north' }, { filter: {}, sort: 'desc', limit: 50 });
    expect(left.map(({ summary }) => summary)).toEqual([
      'login 0',
      'heartbeat 0',
      'login 29',
      'heartbeat 29',
      'login 31',
      'login 200',
      'login 364',
    ]);
  });
});
