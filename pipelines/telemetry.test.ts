import { describe, expect, it } from 'vitest';

import { eventIdOf } from '../contracts/event-id.ts';
import { topics } from '../contracts/topics.ts';
import { createTestDriver, type PipedRecord } from '../streams/test-driver.ts';
import { telemetry } from './telemetry.ts';

const startMs = Date.parse('2026-11-22T12:00:00Z');
const topology = telemetry({ windowMs: 600_000, marksRetentionMs: 86_400_000 });

interface Sent {
  readonly id: string;
  readonly tenant?: string;
  readonly device?: string;
  readonly type?: string;
  readonly data?: unknown;
  readonly atMs?: number;
  readonly ingestMs?: number;
  readonly extra?: Readonly<Record<string, string>>;
}

function record(sent: Sent): PipedRecord {
  const { id, tenant = 'acme', device = 'd1', type = 'openframe.heartbeat', atMs = startMs } = sent;
  const source = `/agents/${device}`;
  return {
    key: `${tenant}:${source}`,
    value: sent.data ?? {},
    eventTimeMs: atMs,
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: source,
      ce_type: type,
      ce_time: new Date(atMs).toISOString(),
      tenant,
      device,
      eventid: eventIdOf(tenant, source, id),
      ingesttime: String(sent.ingestMs ?? Math.max(atMs, startMs)),
      ...sent.extra,
    },
  };
}

const driver = () => createTestDriver(topology, { startMs });
const inventory = (hostname: string, more: object = {}) => ({ hostname, ...more });

describe('telemetry', () => {
  it('writes the members of an enriched event and nothing else', async () => {
    await using test = driver();
    await test.pipe([
      record({
        id: '1',
        type: 'openframe.log',
        data: { message: 'disk "sdb" failed', severityText: 'error' },
      }),
    ]);
    expect(test.outputs().map((o) => o.json)).toEqual([
      {
        eventId: eventIdOf('acme', '/agents/d1', '1'),
        tenantId: 'acme',
        source: '/agents/d1',
        sourceId: '1',
        toolType: 'OPENFRAME',
        sourceType: 'openframe.log',
        eventType: 'SYSTEM_ERROR',
        severity: 'ERROR',
        deviceId: 'd1',
        summary: 'disk "sdb" failed',
        eventTime: startMs,
        ingestTime: startMs,
        data: { message: 'disk "sdb" failed', severityText: 'error' },
      },
    ]);
  });

  it('lets an event through once, also after a restart, and counts the duplicates', async () => {
    await using test = driver();
    await test.pipe([record({ id: '1' }), record({ id: '1' }), record({ id: '2' })]);
    await test.restart();
    await test.pipe([record({ id: '1' }), record({ id: '3' })]);
    expect(test.outputs().map((o) => (o.json as { sourceId: string }).sourceId)).toEqual(['1', '2', '3']);
    const dedupe = test.status().stages.find((stage) => stage.name === 'dedupe');
    expect(dedupe?.dropped).toEqual({ duplicate: 1 });
  });

  it('takes equal ids of two tenants, and of two sources, for different events', async () => {
    await using test = driver();
    await test.pipe([
      record({ id: '1' }),
      record({ id: '1', tenant: 'umbrella' }),
      record({ id: '1', device: 'd2' }),
    ]);
    expect(test.outputs()).toHaveLength(3);
  });

  it('keeps an id for the window although a device with a wrong clock is a day ahead', async () => {
    await using test = driver();
    await test.pipe([
      record({ id: '1' }),
      record({ id: 'future', device: 'd2', atMs: startMs + 86_400_000, ingestMs: startMs }),
      record({ id: '1' }),
    ]);
    expect(test.outputs()).toHaveLength(2);
  });

  it('keeps the id of a late event for a whole window', async () => {
    await using test = driver();
    const late = { id: 'late', atMs: startMs - 3_600_000, ingestMs: startMs };
    await test.pipe([
      record({ id: '1' }),
      record(late),
      record({ id: '2', atMs: startMs + 60_000 }),
      record(late),
    ]);
    expect(test.outputs()).toHaveLength(3);
  });

  it('keeps the id of a device that is days late though it was the first of its partition', async () => {
    await using test = driver();
    const late = { id: 'late', atMs: startMs - 2 * 86_400_000, ingestMs: startMs };
    await test.pipe([record(late), record({ id: '1' }), record(late)]);
    expect(test.outputs()).toHaveLength(2);
  });

  it('writes 16 bytes of marks an event', async () => {
    await using test = driver();
    await test.pipe([record({ id: '1' }), record({ id: '2' }), record({ id: '2' })]);
    expect(test.changelog(topics.marks).map((mark) => mark.value?.length)).toEqual([32]);
  });

  it('adds host name and organization once the device has said who it is', async () => {
    await using test = driver();
    const data = inventory('web-1', { organizationId: 'o1', organizationName: 'Bakery' });
    await test.pipe([
      record({ id: '1', type: 'openframe.device', data }),
      record({ id: '2' }),
      record({ id: '3', device: 'd2' }),
    ]);
    await test.restart();
    await test.pipe([record({ id: '4' })]);
    const hosts = test.outputs().map((o) => {
      const { hostname, organizationId, organizationName } = o.json as Record<string, string>;
      return [hostname, organizationId, organizationName];
    });
    const known = ['web-1', 'o1', 'Bakery'];
    expect(hosts).toEqual([known, known, [undefined, undefined, undefined], known]);
  });

  it('asks for back-fill only of a device whose events went out before it was known', async () => {
    await using test = driver();
    await test.pipe([record({ id: '1' })]);
    await test.restart();
    await test.pipe([
      record({ id: '2', type: 'openframe.device', data: inventory('web-1') }),
      record({ id: '3', type: 'openframe.device', data: inventory('web-1') }),
      record({ id: '4', device: 'd2', type: 'openframe.device', data: inventory('web-2') }),
    ]);
    expect(test.outputs().map((o) => o.headers['backfill'])).toEqual([
      undefined,
      'true',
      undefined,
      undefined,
    ]);
  });

  it('keeps an unknown type as itself', async () => {
    await using test = driver();
    await test.pipe([record({ id: '1', type: 'acme.coffee.empty', data: { cups: 0 } })]);
    expect(test.outputs()[0]?.json).toMatchObject({ eventType: 'acme.coffee.empty', severity: 'INFO' });
  });

  it('dead-letters a record whose data is not one JSON value, alone, and one that lacks an attribute', async () => {
    await using test = driver();
    // Copied as it is, its tenant would be the last that a reader of the enriched event sees.
    const injecting = { ...record({ id: '5' }), value: '{} ,"tenantId":"other"' };
    const broken = record({ id: '2', type: 'openframe.log' });
    const nameless = record({ id: '3' });
    const { ce_id: _id, ...rest } = nameless.headers as Record<string, string>;
    await test.pipe([
      record({ id: '1' }),
      { ...broken, value: '{"message": ' },
      injecting,
      { ...nameless, headers: rest },
      record({ id: '4' }),
    ]);
    expect(test.outputs()).toHaveLength(2);
    expect(test.deadLetters().map((letter) => [letter.stage, letter.reason])).toEqual([
      ['decode', 'DATA_NOT_JSON'],
      ['decode', 'DATA_NOT_JSON'],
      ['decode', 'ATTRIBUTE_MISSING: sourceId'],
    ]);
  });

  it('lets a replayed dead letter pass dedupe once', async () => {
    await using test = driver();
    await test.pipe([record({ id: '1' })]);
    const again = record({ id: '1', extra: { replay: 'telemetry-topic-0-7' } });
    await test.pipe([again, again]);
    expect(test.outputs()).toHaveLength(2);
  });

  it('loses and doubles nothing when commits fail before or after they took effect', async () => {
    await using test = driver();
    for (let i = 0; i < 20; i++) {
      if (i % 3 === 0) test.failCommits(1, i % 2 === 0 ? 'refused' : 'lostAnswer');
      await test.pipe([record({ id: `${i}` }), record({ id: `${Math.max(0, i - 1)}` })]);
    }
    const ids = test.outputs().map((o) => (o.json as { sourceId: string }).sourceId);
    expect(ids).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });
});
